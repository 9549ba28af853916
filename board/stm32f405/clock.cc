#include "board/cortex_m/ports.h"
#include "board/stm32f4/timer_clock.h"
#include "board/stm32f405/memory_map.h"
#include "board/stm32f405/ram_code.h"

namespace board {
namespace {

// The core's own timer only wakes the core, ten times a second: Link::wait sleeps that long at
// most.
void start_waking() {
    cortex_m::reg32(cortex_m::syst_rvr) = 0xffffff;
    cortex_m::reg32(cortex_m::syst_cvr) = 0;
    cortex_m::reg32(cortex_m::syst_csr) = 0b111;
}

}  // namespace

// Every other port asks for it first, so the first call starts the chip.
firmware::hal::Clock& clock_port() {
    static stm32f4::TimerClock<stm32f4::Bus> clock;
    static const bool started = [] {
        stm32f4::Bus bus;
        install_ram_code();
        CHECK(stm32f4::start_clocks(bus, clocks));
        stm32f4::enable_clock(
            bus, stm32f4::rcc_ahb1enr, stm32f4::ahb1_gpio_a | stm32f4::ahb1_gpio_c);
        clock.start(clocks.apb1_timer_hz());
        start_waking();
        return true;
    }();
    (void)started;
    return clock;
}

}  // namespace board
