#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"
#include "board/netduinoplus2/vectors.h"
#include "board/stm32f4/usart_link.h"

namespace board {
namespace {

stm32f4::UsartLink usart(stm32f4::usart1, stm32f4::usart1_interrupt);

}  // namespace

void link_uart_received() {
    usart.on_receive();
}

firmware::hal::Link& link_port() {
    static const bool started = [] {
        usart.start(clocks.apb2_hz(), 1'000'000);
        return true;
    }();
    (void)started;
    return usart;
}

}  // namespace board
