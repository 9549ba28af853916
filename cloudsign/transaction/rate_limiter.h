#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace cloudsign::transaction {

// A token bucket for each name: `per_minute` in the long run, a minute's worth at once. Any thread.
class RateLimiter {
public:
    // Names come from registered clients; beyond this many the fullest buckets are forgotten, which
    // forgives them what they had used.
    static constexpr std::size_t names_max = 4096;

    // 0 when one more is granted; otherwise milliseconds until one will be.
    std::int64_t take(const std::string& name, std::int64_t per_minute, std::int64_t now_ms);

private:
    struct Bucket {
        double tokens = 0;
        std::int64_t filled_at_ms = 0;
    };

    void forget_one();

    std::mutex mutex_;
    std::map<std::string, Bucket> buckets_;
};

}  // namespace cloudsign::transaction
