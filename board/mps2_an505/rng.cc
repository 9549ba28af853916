#include "board/cmsdk/uart_noise.h"
#include "board/cortex_m/ports.h"
#include "board/mps2_an505/memory_map.h"
#include "board/mps2_an505/vectors.h"

namespace board {
namespace {

cmsdk::UartNoise uart(noise_uart);

}  // namespace

void noise_uart_received() {
    uart.on_receive();
}

firmware::hal::Noise& noise_port() {
    static const bool started = [] {
        uart.start(core_hz, 1'000'000, clock_port());
        cortex_m::enable_interrupt(noise_uart_interrupt);
        return true;
    }();
    (void)started;
    return uart;
}

}  // namespace board
