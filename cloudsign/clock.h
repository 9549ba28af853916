#pragma once

#include <atomic>
#include <cstdint>

namespace cloudsign {

// Wall time. Any thread may ask.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    // Milliseconds since 1970, UTC.
    virtual std::int64_t now_ms() const = 0;
};

class SystemClock final : public Clock {
public:
    std::int64_t now_ms() const override;
};

// Stands still until it is moved.
class FakeClock final : public Clock {
public:
    explicit FakeClock(std::int64_t now_ms) : now_ms_(now_ms) {}

    std::int64_t now_ms() const override { return now_ms_; }
    void advance(std::int64_t ms) { now_ms_ += ms; }

private:
    std::atomic<std::int64_t> now_ms_;
};

}  // namespace cloudsign
