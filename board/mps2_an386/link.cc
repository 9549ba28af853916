#include "board/cmsdk/uart_link.h"
#include "board/cortex_m/ports.h"
#include "board/mps2_an386/memory_map.h"
#include "board/mps2_an386/vectors.h"

namespace board {
namespace {

cmsdk::UartLink uart(link_uart);

}  // namespace

void link_uart_received() {
    uart.on_receive();
}

firmware::hal::Link& link_port() {
    static const bool started = [] {
        uart.start(core_hz, 1'000'000);
        cortex_m::enable_interrupt(link_uart_interrupt);
        return true;
    }();
    (void)started;
    return uart;
}

}  // namespace board
