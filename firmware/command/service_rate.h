#pragma once

#include <cstdint>

namespace firmware::command {

// How many signatures nobody has approved may be made: `per_second` in each second since the start.
class ServiceRate {
public:
    explicit ServiceRate(std::uint32_t per_second) : left_(per_second), per_second_(per_second) {}

    // Changes nothing but what is left of this second.
    bool has_room(std::uint64_t tick_ms) {
        if (tick_ms / 1000 != second_) {
            second_ = tick_ms / 1000;
            left_ = per_second_;
        }
        return left_ != 0;
    }
    void take() { left_ -= left_ != 0 ? 1 : 0; }

private:
    std::uint64_t second_ = 0;
    std::uint32_t left_;
    std::uint32_t per_second_;
};

}  // namespace firmware::command
