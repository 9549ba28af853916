#include "board/stm32f405/vectors.h"

#include "board/cortex_m/core_vectors.h"
#include "board/stm32f4/peripherals.h"
#include "board/stm32f405/ram_code.h"
#include "firmware/hal/panic.h"

namespace board {
namespace {

using Table = cortex_m::Vectors<stm32f4::interrupt_count>;

constexpr Table table_of_interrupts() {
    Table table{};
    table.core.nmi = crystal_stopped;
    for (auto& interrupt : table.interrupts) {
        interrupt = cortex_m::unexpected_interrupt;
    }
    table.interrupts[stm32f4::usart1_interrupt] = link_uart_received;
    table.interrupts[stm32f4::exti15_10_interrupt] = tamper_opened;
    return table;
}

[[gnu::section(".vectors"), gnu::used]] constexpr Table vectors = table_of_interrupts();

}  // namespace

// Nobody stops it by chance: the core is now on its internal oscillator, and wipes.
void crystal_stopped() {
    firmware::hal::panic(firmware::hal::PanicCause::fault, 0xfffffffe);
}

}  // namespace board
