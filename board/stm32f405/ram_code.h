#pragma once

#include <cstring>

#include "board/stm32f4/bus.h"
#include "hsm/base/bytes.h"

// What runs from RAM. While flash is erased (seconds) or programmed (microseconds) the core waits
// at its next access to it, so the vector table, the interrupts that must not wait and the loop
// that waits for the flash lie in RAM, in a block of its own that the MPU makes read-only and
// executable.
namespace board {

// Before the first interrupt: copies the vector table, and from then on nobody writes to the block.
void install_ram_code();

// Stores `word` at `address`, an operation of the flash interface, and polls FLASH_SR's BSY. Feeds
// the watchdog meanwhile. False when it is still busy after `polls_max`.
bool store_and_wait(std::uintptr_t address, std::uint32_t word, std::uint32_t polls_max);

// The interrupts in it, for vectors.cc.
void link_uart_received();
void tamper_opened();

// What stm32f4::BankFlash asks of its bus.
struct FlashBus : stm32f4::Bus {
    static bool store_and_wait(std::uintptr_t address,
                               std::uint32_t word,
                               std::uint32_t polls_max) {
        return board::store_and_wait(address, word, polls_max);
    }
    static void copy(std::uintptr_t address, hsm::MutableBytes into) {
        std::memcpy(into.data(),
                    reinterpret_cast<const void*>(address),  // NOLINT: mapped memory
                    into.size());
    }
};

}  // namespace board
