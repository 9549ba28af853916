#include "board/cortex_m/memory.h"
#include "board/cortex_m/mpu.h"
#include "board/cortex_m/registers.h"

// Armv8-M ARM B11 and D1.2: regions from a base to a limit, in steps of 32 bytes; overlapping ones
// fault, so the guard lies outside the RAM region, and nothing at all maps it.
namespace board::cortex_m {
namespace {

constexpr std::uintptr_t mpu_ctrl = 0xe000ed94;
constexpr std::uintptr_t mpu_rnr = 0xe000ed98;
constexpr std::uintptr_t mpu_rbar = 0xe000ed9c;
constexpr std::uintptr_t mpu_rlar = 0xe000eda0;
constexpr std::uintptr_t mpu_mair0 = 0xe000edc0;

// Attribute 0: normal memory, write-back; attribute 1: Device-nGnRE.
constexpr std::uint32_t memory_attributes = 0x04ff;

void set_region(std::uint32_t number, const Region& region) {
    constexpr std::uint32_t never_execute = 1;
    constexpr std::uint32_t read_only = 0b10u << 1;
    std::uint32_t base = region.start & ~31u;
    std::uint32_t limit = ((region.start + region.size - 1) & ~31u) | 1;
    if (region.access == Access::read_execute) {
        base |= read_only;
    } else {
        base |= never_execute;
    }
    if (region.access == Access::device) {
        limit |= 1u << 1;
    }
    reg32(mpu_rnr) = number;
    reg32(mpu_rbar) = base;
    reg32(mpu_rlar) = limit;
}

void limit_stack() {
    __asm__ volatile("msr msplim, %0" ::"r"(stack_guard_end));
}

}  // namespace

void protect_memory() {
    reg32(mpu_mair0) = memory_attributes;
    std::uint32_t number = 0;
    for (const auto& region : device_regions()) {
        set_region(number++, region);
    }
    set_region(number++,
               {reinterpret_cast<std::uintptr_t>(image_start),
                static_cast<std::uint32_t>(image_end - image_start),
                Access::read_execute});
    // No board with this core has a CORE_RAM of its own.
    set_region(number++,
               {reinterpret_cast<std::uintptr_t>(stack_guard_end),
                static_cast<std::uint32_t>(ram_end - stack_guard_end),
                Access::read_write});
    limit_stack();
    reg32(scb_shcsr) = reg32(scb_shcsr) | 0b1111u << 16;  // and secure faults apart
    reg32(mpu_ctrl) = 1;                                  // no default map, off in faults
    data_barrier();
    instruction_barrier();
}

}  // namespace board::cortex_m
