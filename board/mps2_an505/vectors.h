#pragma once

namespace board {

// Arm AN505 §3.8: the expansion interrupts begin at 32.
constexpr unsigned link_uart_interrupt = 32;
constexpr unsigned noise_uart_interrupt = 34;

void link_uart_received();
void noise_uart_received();

}  // namespace board
