#include "board/cortex_m/mpu.h"

#include "board/mps2_an505/memory_map.h"

namespace board {
namespace {

constexpr cortex_m::Region regions[] = {
    {0x50000000, 0x10000000, cortex_m::Access::device},  // secure alias of the peripherals
    {nvm_base, nvm_size, cortex_m::Access::device},
};

}  // namespace

std::span<const cortex_m::Region> cortex_m::device_regions() {
    return regions;
}

}  // namespace board
