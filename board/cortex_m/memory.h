#pragma once

#include <cstdint>

// What image.ld says of the memory; only the addresses of these count.
extern "C" {
extern const std::uint8_t image_start[];  // the vector table
extern const std::uint8_t image_end[];    // after the initial values of .data
extern const std::uint8_t data_load_start[];
extern std::uint8_t ram_start[];
extern std::uint8_t core_ram_start[];  // lowest: guard, then stack; may be ram_start
extern std::uint8_t core_bss_end[];
extern std::uint8_t core_ram_end[];
extern std::uint8_t stack_guard_end[];
extern std::uint8_t stack_top[];
extern std::uint8_t data_start[];
extern std::uint8_t data_end[];
extern std::uint8_t bss_start[];
extern std::uint8_t bss_end[];
extern std::uint8_t kept_start[];  // survives a reset: the panic record
extern std::uint8_t ram_end[];
}
