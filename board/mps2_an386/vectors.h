#pragma once

namespace board {

// Arm AN386 §3.6: receive interrupts are even, the transmit interrupt follows each.
constexpr unsigned link_uart_interrupt = 0;
constexpr unsigned noise_uart_interrupt = 2;

void link_uart_received();
void noise_uart_received();

}  // namespace board
