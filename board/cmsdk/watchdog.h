#pragma once

#include "board/cortex_m/registers.h"
#include "firmware/hal/watchdog.h"

namespace board::cmsdk {

// The watchdog of the same kit (DDI 0479, "APB watchdog"): at the first end of its count it
// interrupts (NMI: the panic that wipes), at the second it resets.
class ApbWatchdog final : public firmware::hal::Watchdog {
public:
    constexpr ApbWatchdog(std::uintptr_t base, std::uint32_t clock_hz)
        : base_(base), clock_hz_(clock_hz) {}

    void start(std::uint32_t period_ms) override {
        unlocked([&] {
            cortex_m::reg32(base_ + load) = clock_hz_ / 1000 * period_ms;
            cortex_m::reg32(base_ + control) = 0b11;  // interrupt and reset
        });
    }

    void feed() override {
        unlocked([&] { cortex_m::reg32(base_ + interrupt_clear) = 1; });
    }

private:
    static constexpr std::uintptr_t load = 0x000;
    static constexpr std::uintptr_t control = 0x008;
    static constexpr std::uintptr_t interrupt_clear = 0x00c;
    static constexpr std::uintptr_t lock = 0xc00;

    template <class Change>
    void unlocked(Change change) const {
        cortex_m::reg32(base_ + lock) = 0x1acce551;
        change();
        cortex_m::reg32(base_ + lock) = 0;
    }

    std::uintptr_t base_;
    std::uint32_t clock_hz_;
};

}  // namespace board::cmsdk
