#include "board/mps2_an505/vectors.h"

#include "board/cortex_m/core_vectors.h"

namespace board {
namespace {

using Table = cortex_m::Vectors<60>;

constexpr Table table_of_interrupts() {
    Table table{};
    for (auto& interrupt : table.interrupts) {
        interrupt = cortex_m::unexpected_interrupt;
    }
    table.interrupts[link_uart_interrupt] = link_uart_received;
    table.interrupts[noise_uart_interrupt] = noise_uart_received;
    return table;
}

[[gnu::section(".vectors"), gnu::used]] constexpr Table vectors = table_of_interrupts();

}  // namespace
}  // namespace board
