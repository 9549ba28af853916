#include "cloudsign/transaction/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace cloudsign::transaction {
namespace {

constexpr double minute_ms = 60'000;

}  // namespace

std::int64_t RateLimiter::take(const std::string& name,
                               std::int64_t per_minute,
                               std::int64_t now_ms) {
    const auto capacity = static_cast<double>(per_minute);
    const std::lock_guard lock(mutex_);
    const auto known = buckets_.find(name);
    if (known == buckets_.end()) {
        if (buckets_.size() >= names_max) {
            forget_one();
        }
        buckets_.emplace(name, Bucket{capacity - 1, now_ms});
        return 0;
    }
    auto& bucket = known->second;
    // A clock that was set back fills nothing.
    const auto passed =
        static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.filled_at_ms));
    bucket.tokens = std::min(capacity, bucket.tokens + passed * capacity / minute_ms);
    bucket.filled_at_ms = now_ms;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
    }
    return static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) * minute_ms / capacity));
}

void RateLimiter::forget_one() {
    buckets_.erase(std::ranges::max_element(
        buckets_, {}, [](const auto& entry) { return entry.second.tokens; }));
}

}  // namespace cloudsign::transaction
