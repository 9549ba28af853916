#pragma once

namespace board {

void link_uart_received();
void noise_uart_received();

}  // namespace board
