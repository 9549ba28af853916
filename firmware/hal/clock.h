#pragma once

#include <cstdint>

namespace firmware::hal {

// Milliseconds since the module started; never goes back, never stops while the module runs
// (on Linux CLOCK_BOOTTIME, so that suspend does not stretch an activation).
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    virtual std::uint64_t tick_ms() = 0;
};

}  // namespace firmware::hal
