#include "board/stm32f405/ram_code.h"

#include "board/cortex_m/memory.h"
#include "board/stm32f4/peripherals.h"
#include "board/stm32f4/watchdog.h"
#include "board/stm32f405/interrupts.h"

// Code in .data: start.cc copies it like any initial value, and image() covers it. no_reorder keeps
// the functions between the two pieces of assembly. What they call is inlined (flatten), since a
// call into flash would wait. The assembler wants a section of this name to have the flags of data,
// so the compiler's own are turned into a comment.
#define RAM_SECTION ".data.ram_code,\"aw\",%progbits"
#define IN_RAM                                                                              \
    gnu::section(RAM_SECTION "@"), gnu::no_reorder, gnu::noinline, gnu::used, gnu::flatten, \
        gnu::no_stack_protector

// One MPU region: a power of two, aligned to itself. The table is aligned to 512 (Armv7-M B3.2.5).
__asm__(".pushsection " RAM_SECTION
        "\n"
        ".balign 1024\n"
        ".global ram_code_start\n"
        "ram_code_start:\n"
        ".space 512, 0\n"
        ".popsection\n");

extern "C" std::uint32_t ram_code_start[];

namespace board {

[[IN_RAM]] bool store_and_wait(std::uintptr_t address,
                               std::uint32_t word,
                               std::uint32_t polls_max) {
    using cortex_m::reg32;
    constexpr std::uint32_t tick_interrupt = 1u << 1;
    constexpr std::uintptr_t flash_sr = stm32f4::flash_interface + 0x0c;
    constexpr std::uint32_t busy = 1u << 16;
    // Its handler lies in flash, and only wakes the core.
    const auto tick = reg32(cortex_m::syst_csr);
    reg32(cortex_m::syst_csr) = tick & ~tick_interrupt;
    reg32(address) = word;
    cortex_m::data_barrier();
    bool done = false;
    for (std::uint32_t i = 0; i < polls_max; ++i) {
        if ((reg32(flash_sr) & busy) == 0) {
            done = true;
            break;
        }
        reg32(stm32f4::iwdg + stm32f4::watchdog::key) = stm32f4::watchdog::key_reload;
    }
    reg32(cortex_m::syst_csr) = tick;
    return done;
}

[[IN_RAM]] void link_uart_received() {
    link_usart.on_receive();
}

[[IN_RAM]] void tamper_opened() {
    tamper_switch.on_edge();
}

}  // namespace board

// Fails when the functions are too long.
__asm__(".pushsection " RAM_SECTION
        "\n"
        ".org ram_code_start + 1024\n"
        ".popsection\n");

namespace board {

void install_ram_code() {
    using cortex_m::reg32;
    constexpr std::uintptr_t mpu_rnr = 0xe000ed98;
    constexpr std::uintptr_t mpu_rbar = 0xe000ed9c;
    constexpr std::uintptr_t mpu_rasr = 0xe000eda0;
    constexpr unsigned vectors = 16 + stm32f4::interrupt_count;
    static_assert(vectors * sizeof(std::uint32_t) <= 512);

    const auto* table = reinterpret_cast<const std::uint32_t*>(image_start);
    for (unsigned i = 0; i < vectors; ++i) {
        ram_code_start[i] = table[i];
    }
    // Region 7, which protect_memory leaves: above RAM's, so it is the one that counts here.
    // Armv7-M B3.5: read-only, executable, normal memory, 2^10 bytes.
    reg32(mpu_rnr) = 7;
    reg32(mpu_rbar) = reinterpret_cast<std::uintptr_t>(ram_code_start);
    reg32(mpu_rasr) = 0b101u << 24 | 1u << 19 | 1u << 17 | 1u << 16 | 9u << 1 | 1;
    reg32(cortex_m::scb_vtor) = reinterpret_cast<std::uintptr_t>(ram_code_start);
    cortex_m::data_barrier();
    cortex_m::instruction_barrier();
}

}  // namespace board
