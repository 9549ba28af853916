#include "board/cortex_m/mpu.h"

#include "board/netduinoplus2/memory_map.h"

namespace board {
namespace {

constexpr cortex_m::Region regions[] = {
    {0x40000000, 0x80000, cortex_m::Access::device},
    {nvm_base, nvm_size, cortex_m::Access::device},
};

}  // namespace

std::span<const cortex_m::Region> cortex_m::device_regions() {
    return regions;
}

}  // namespace board
