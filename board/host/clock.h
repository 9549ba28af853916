#pragma once

#include "firmware/hal/clock.h"

namespace board::host {

// CLOCK_BOOTTIME: goes on while the machine sleeps, and nobody can set it.
class BoottimeClock final : public firmware::hal::Clock {
public:
    BoottimeClock();
    std::uint64_t tick_ms() override;

private:
    std::uint64_t start_ms_;
};

}  // namespace board::host
