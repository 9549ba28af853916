#include "board/cortex_m/mpu.h"
#include "board/mps2_an386/memory_map.h"

// The loader's: where it puts images it may write, and not execute before it is gone.
namespace board {
namespace {

constexpr cortex_m::Region regions[] = {
    {nvm_base, nvm_size, cortex_m::Access::device},
    {run_memory_base, run_memory_size, cortex_m::Access::read_write},
};

}  // namespace

std::span<const cortex_m::Region> cortex_m::device_regions() {
    return regions;
}

}  // namespace board
