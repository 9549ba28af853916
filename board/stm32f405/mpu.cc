#include "board/cortex_m/mpu.h"

#include "board/stm32f405/memory_map.h"

namespace board {
namespace {

// Four; the image's come to seven, and the eighth is ram_code.cc's. All of flash may be written to,
// which without the keys of its interface does nothing; the image's own region, a later one, may
// not.
constexpr cortex_m::Region regions[] = {
    {0x40000000, 0x80000, cortex_m::Access::device},  // APB1, APB2, AHB1
    {stm32f4::rng, 0x400, cortex_m::Access::device},
    {stm32f4::unique_device_id & ~std::uintptr_t{0xff}, 0x100, cortex_m::Access::device},
    {stm32f4::flash_start, stm32f4::flash_size, cortex_m::Access::read_write},
};

}  // namespace

std::span<const cortex_m::Region> cortex_m::device_regions() {
    return regions;
}

}  // namespace board
