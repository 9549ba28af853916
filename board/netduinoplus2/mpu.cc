#include "board/cortex_m/mpu.h"

#include "board/netduinoplus2/memory_map.h"

namespace board {
namespace {

constexpr cortex_m::Region regions[] = {
    {0x40000000, 0x80000, cortex_m::Access::device},
    // A region begins at a multiple of its size; RAM's own, a later one, holds where they overlap.
    {nvm_base & ~std::uintptr_t{0xffff}, 0x10000, cortex_m::Access::device},
};

}  // namespace

std::span<const cortex_m::Region> cortex_m::device_regions() {
    return regions;
}

}  // namespace board
