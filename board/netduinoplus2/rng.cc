#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"
#include "board/netduinoplus2/vectors.h"
#include "board/stm32f4/usart_noise.h"

namespace board {
namespace {

stm32f4::UsartNoise& usart() {
    static stm32f4::UsartNoise noise(stm32f4::usart2, stm32f4::usart2_interrupt, clock_port());
    return noise;
}

}  // namespace

void noise_uart_received() {
    usart().on_receive();
}

firmware::hal::Noise& noise_port() {
    static const bool started = [] {
        usart().start(clocks.apb1_hz(), 1'000'000);
        return true;
    }();
    (void)started;
    return usart();
}

}  // namespace board
