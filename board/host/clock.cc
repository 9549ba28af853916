#include "board/host/clock.h"

#include <time.h>

#include "hsm/base/check.h"

namespace board::host {
namespace {

std::uint64_t boottime_ms() {
    timespec now{};
    CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace

BoottimeClock::BoottimeClock() : start_ms_(boottime_ms()) {}

std::uint64_t BoottimeClock::tick_ms() {
    return boottime_ms() - start_ms_;
}

}  // namespace board::host
