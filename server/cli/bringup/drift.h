#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "server/cli/bringup/report.h"

namespace server::cli::bringup {

// A board's clock against this host's. Each look at it lies somewhere between the question and the
// answer.
class Drift {
public:
    using Instant = std::chrono::steady_clock::time_point;

    void look(Instant asked, std::uint64_t tick_ms, Instant answered);

    std::chrono::milliseconds watched() const;
    // Fails for a clock that went back or stood, or that is certainly off by more than a
    // hundredth: a wrong divider is a factor, a crystal some millionths.
    Step step(std::string_view name) const;

private:
    struct Look {
        Instant asked;
        std::uint64_t tick_ms;
        Instant answered;
    };
    std::optional<Look> first_;
    Look last_{};
    bool went_back_ = false;
};

}  // namespace server::cli::bringup
