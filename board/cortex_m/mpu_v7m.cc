#include <bit>

#include "board/cortex_m/memory.h"
#include "board/cortex_m/mpu.h"
#include "board/cortex_m/registers.h"

// Armv7-M ARM B3.5: regions of a power of two, in eight parts of which the last ones can be off.
namespace board::cortex_m {
namespace {

constexpr std::uintptr_t mpu_ctrl = 0xe000ed94;
constexpr std::uintptr_t mpu_rnr = 0xe000ed98;
constexpr std::uintptr_t mpu_rbar = 0xe000ed9c;
constexpr std::uintptr_t mpu_rasr = 0xe000eda0;

// XN, AP and the memory type (TEX, S, C, B) of MPU_RASR.
constexpr std::uint32_t attributes(Access access) {
    constexpr std::uint32_t never_execute = 1u << 28;
    constexpr std::uint32_t normal = 1u << 19 | 1u << 17 | 1u << 16;
    switch (access) {
        case Access::none:
            return never_execute | normal;
        case Access::read_execute:
            return 0b101u << 24 | normal;
        case Access::read_write:
            return never_execute | 0b001u << 24 | normal;
        case Access::device:
            return never_execute | 0b001u << 24 | 1u << 18 | 1u << 16;
    }
    return never_execute;
}

void set_region(std::uint32_t number, const Region& region) {
    const auto whole = std::bit_ceil(region.size);
    const auto parts = (region.size * 8ull + whole - 1) / whole;
    const std::uint32_t off = parts >= 8 ? 0 : (0xffu << parts) & 0xffu;
    reg32(mpu_rnr) = number;
    reg32(mpu_rbar) = region.start;
    reg32(mpu_rasr) = attributes(region.access) | off << 8 |
                      (static_cast<std::uint32_t>(std::countr_zero(whole)) - 1) << 1 | 1;
}

}  // namespace

void protect_memory() {
    const auto address = [](const std::uint8_t* at) {
        return reinterpret_cast<std::uintptr_t>(at);
    };
    std::uint32_t number = 0;
    for (const auto& region : device_regions()) {
        set_region(number++, region);
    }
    set_region(number++,
               {address(image_start),
                std::bit_ceil(static_cast<std::uint32_t>(image_end - image_start)),
                Access::read_execute});
    // Below each lies nothing that a region allows: a stack that runs over faults.
    set_region(
        number++,
        {address(ram_start), static_cast<std::uint32_t>(ram_end - ram_start), Access::read_write});
    if (address(core_ram_start) != address(ram_start)) {
        set_region(number++,
                   {address(core_ram_start),
                    static_cast<std::uint32_t>(core_ram_end - core_ram_start),
                    Access::read_write});
    }
    reg32(scb_shcsr) = reg32(scb_shcsr) | 0b111u << 16;  // memory, bus and usage faults apart
    reg32(mpu_ctrl) = 1;                                 // no default map, off in faults
    data_barrier();
    instruction_barrier();
}

}  // namespace board::cortex_m
