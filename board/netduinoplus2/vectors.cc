#include "board/netduinoplus2/vectors.h"

#include "board/cortex_m/core_vectors.h"
#include "board/stm32f4/peripherals.h"

namespace board {
namespace {

using Table = cortex_m::Vectors<stm32f4::interrupt_count>;

constexpr Table table_of_interrupts() {
    Table table{};
    for (auto& interrupt : table.interrupts) {
        interrupt = cortex_m::unexpected_interrupt;
    }
    table.interrupts[stm32f4::usart1_interrupt] = link_uart_received;
    table.interrupts[stm32f4::usart2_interrupt] = noise_uart_received;
    return table;
}

[[gnu::section(".vectors"), gnu::used]] constexpr Table vectors = table_of_interrupts();

}  // namespace
}  // namespace board
