#pragma once

#include <cstdint>

namespace cloudsign {

// When something that failed is tried again, in milliseconds.
struct RetrySchedule {
    std::int64_t first_retry_ms = 10 * 1000;  // then twice as long each time
    std::int64_t longest_wait_ms = 60 * 60 * 1000;
    std::int64_t give_up_ms = 24 * 60 * 60 * 1000;  // when it has failed for so long
};

// How long to wait after `attempts` that failed; spread by a quarter downwards, so that what failed
// together does not come back together.
std::int64_t wait_before_retry(const RetrySchedule& schedule, std::uint32_t attempts);

}  // namespace cloudsign
