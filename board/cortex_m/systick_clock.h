#pragma once

#include "firmware/hal/clock.h"

namespace board::cortex_m {

// Milliseconds from the core's own 24-bit timer: its interrupt counts the rounds, 1.5 a second at
// 25 MHz, so that the core can sleep. There is one such timer.
class SystickClock final : public firmware::hal::Clock {
public:
    explicit SystickClock(std::uint32_t core_hz);
    std::uint64_t tick_ms() override;

private:
    const std::uint32_t ticks_per_ms_;
    std::uint64_t last_ = 0;
};

}  // namespace board::cortex_m
