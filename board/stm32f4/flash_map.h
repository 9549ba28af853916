#pragma once

#include <cstdint>

// Main memory of an STM32F405xG, RM0090 §3.4: one bank of 1 MB in twelve unequal sectors.
namespace board::stm32f4 {

constexpr std::uintptr_t flash_start = 0x08000000;
constexpr std::uint32_t flash_size = 1u << 20;
constexpr std::uint32_t flash_sector_count = 12;

constexpr std::uint32_t flash_sector_size(std::uint32_t sector) {
    if (sector < 4) {
        return 16u << 10;
    }
    return sector == 4 ? 64u << 10 : 128u << 10;
}

constexpr std::uintptr_t flash_sector_start(std::uint32_t sector) {
    auto start = flash_start;
    for (std::uint32_t i = 0; i < sector; ++i) {
        start += flash_sector_size(i);
    }
    return start;
}
static_assert(flash_sector_start(flash_sector_count) == flash_start + flash_size);

// Consecutive sectors of one size, as hal::Flash wants them.
struct FlashRun {
    std::uint32_t first;
    std::uint32_t count;

    constexpr bool is_uniform() const {
        if (count == 0 || first >= flash_sector_count || count > flash_sector_count - first) {
            return false;
        }
        for (std::uint32_t i = 1; i < count; ++i) {
            if (flash_sector_size(first + i) != flash_sector_size(first)) {
                return false;
            }
        }
        return true;
    }
    constexpr std::uint32_t sector_size() const { return flash_sector_size(first); }
    constexpr std::uintptr_t start() const { return flash_sector_start(first); }
};

}  // namespace board::stm32f4
