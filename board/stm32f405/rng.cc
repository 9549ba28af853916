#include "board/stm32f4/rng.h"

#include "board/cortex_m/ports.h"
#include "board/stm32f4/rcc.h"

namespace board {

firmware::hal::Noise& noise_port() {
    static stm32f4::RandomGenerator<stm32f4::Bus> generator;
    static const bool started = [] {
        (void)clock_port();
        stm32f4::Bus bus;
        stm32f4::enable_clock(bus, stm32f4::rcc_ahb2enr, stm32f4::ahb2_rng);
        return true;
    }();
    (void)started;
    return generator;
}

}  // namespace board
