#pragma once

#include "board/stm32f4/clock_tree.h"
#include "board/stm32f4/peripherals.h"

namespace board {

// QEMU models no clock control: the core simply has 168 MHz, and baud rates do not matter.
constexpr auto clocks = stm32f4::h405_clocks;

// The last 40 KB of what QEMU 7.2 takes for one RAM of 192 KB stand for flash: they outlive a
// reset, and a QEMU that starts anew has them blank. A chip has no memory there.
constexpr std::uintptr_t nvm_base = 0x20026000;
constexpr std::uint32_t nvm_size = 40u << 10;
// Its last bytes stand for what an emulated board has no pins for: the host writes here.
constexpr std::uintptr_t tamper_switch = nvm_base + nvm_size - 8;
constexpr std::uintptr_t presence_button = nvm_base + nvm_size - 4;

}  // namespace board
