#pragma once

#include <cstdint>

namespace board {

constexpr std::uint32_t core_hz = 25'000'000;
constexpr std::uintptr_t link_uart = 0x40004000;
constexpr std::uintptr_t noise_uart = 0x40005000;
constexpr std::uintptr_t watchdog_base = 0x40008000;
constexpr std::uintptr_t tick_timer = 0x40000000;

// 16 MB of PSRAM, in QEMU a file of the host.
constexpr std::uintptr_t nvm_base = 0x21000000;
constexpr std::uint32_t nvm_size = 16u << 20;
constexpr std::uintptr_t store_base = nvm_base;
constexpr std::uint32_t store_sector_size = 8192;
constexpr std::uint32_t store_sector_count = 64;
constexpr std::uintptr_t secret_base = store_base + store_sector_size * store_sector_count;
constexpr std::uint32_t secret_size = 4096;
// Images: two slots of 256 KB and the boot record, and the SSRAM that they run in.
constexpr std::uint32_t slot_sector_size = 8192;
constexpr std::uint32_t slot_sector_count = 32;
constexpr std::uintptr_t first_slot_base = nvm_base + (1u << 20);
constexpr std::uintptr_t second_slot_base = nvm_base + (2u << 20);
constexpr std::uintptr_t boot_state_base = nvm_base + (3u << 20);
constexpr std::uintptr_t run_memory_base = 0x00100000;
constexpr std::uint32_t run_memory_size = 256u << 10;
// Its last bytes stand for what an emulated board has no pins for: the host writes here.
constexpr std::uintptr_t tamper_switch = nvm_base + nvm_size - 8;
constexpr std::uintptr_t presence_button = nvm_base + nvm_size - 4;

}  // namespace board
