#pragma once

#include <cstdint>

namespace firmware::hal {

// What every board's watchdog can wait at least (the STM32F4's, whatever its oscillator does, 22
// s); no single operation between two feedings takes as long.
constexpr std::uint32_t watchdog_period_ms = 20'000;

// Resets the chip when the module hangs. The main loop feeds it once a turn, long work (making an
// RSA key) as often as it looks after its link.
class Watchdog {
public:
    // From now on feed() is due every `period_ms` (at most watchdog_period_ms) at the latest;
    // cannot be stopped again.
    virtual void start(std::uint32_t period_ms) = 0;
    virtual void feed() = 0;

protected:
    ~Watchdog() = default;
};

}  // namespace firmware::hal
