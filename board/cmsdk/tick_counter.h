#pragma once

#include "board/cortex_m/registers.h"

namespace board::cmsdk {

// The timer of the same kit (DDI 0479, "APB timer"): 32 bits, down from its reload value.
class TickCounter {
public:
    explicit TickCounter(std::uintptr_t base) : base_(base) {
        cortex_m::reg32(base_ + reload) = 0xffffffff;
        cortex_m::reg32(base_ + value) = 0xffffffff;
        cortex_m::reg32(base_ + control) = 1;
    }

    std::uint32_t ticks() const { return 0xffffffff - cortex_m::reg32(base_ + value); }

private:
    static constexpr std::uintptr_t control = 0x0;
    static constexpr std::uintptr_t value = 0x4;
    static constexpr std::uintptr_t reload = 0x8;

    std::uintptr_t base_;
};

}  // namespace board::cmsdk
