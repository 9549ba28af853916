#include "cloudsign/retry_schedule.h"

#include <algorithm>

#include "cloudsign/random.h"

namespace cloudsign {

std::int64_t wait_before_retry(const RetrySchedule& schedule, std::uint32_t attempts) {
    constexpr std::uint32_t doublings_max = 20;
    const auto doubled = schedule.first_retry_ms
                         << std::min(attempts > 0 ? attempts - 1 : 0, doublings_max);
    const auto wait = std::min(doubled, schedule.longest_wait_ms);
    return wait - wait * random_32()[0] / (4 * 256);
}

}  // namespace cloudsign
