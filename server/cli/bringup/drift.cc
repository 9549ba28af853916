#include "server/cli/bringup/drift.h"

#include <cmath>

namespace server::cli::bringup {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double drift_max = 0.01;

}  // namespace

void Drift::look(Instant asked, std::uint64_t tick_ms, Instant answered) {
    if (!first_) {
        first_ = Look{asked, tick_ms, answered};
    } else if (tick_ms < last_.tick_ms) {
        went_back_ = true;
    }
    last_ = {asked, tick_ms, answered};
}

std::chrono::milliseconds Drift::watched() const {
    return first_ ? std::chrono::duration_cast<std::chrono::milliseconds>(last_.asked -
                                                                          first_->answered)
                  : std::chrono::milliseconds(0);
}

Step Drift::step(std::string_view name) const {
    const std::string remedy =
        "the board's clock.cc does not give milliseconds: clock tree, divider, or an interrupt "
        "that "
        "is lost (firmware/hal/PORTING.md)";
    if (!first_ || watched().count() <= 0) {
        return skipped(name, "not watched long enough");
    }
    if (went_back_) {
        return failed(name, "the clock went back", remedy);
    }
    const double passed_s = static_cast<double>(last_.tick_ms - first_->tick_ms) / 1000;
    const double longest_s = Seconds(last_.answered - first_->asked).count();
    const double shortest_s = Seconds(last_.asked - first_->answered).count();
    const double middle_s = (longest_s + shortest_s) / 2;
    constexpr double tick_s = 0.001;
    const double unsure = ((longest_s - shortest_s) / 2 + tick_s) / middle_s;
    const double drift = passed_s / middle_s - 1;
    const auto ppm = static_cast<std::int64_t>(std::llround(drift * 1e6));
    const auto unsure_ppm = static_cast<std::int64_t>(std::llround(unsure * 1e6));
    const auto found =
        std::to_string(static_cast<std::int64_t>(passed_s * 1000)) + " ms of its own in " +
        std::to_string(static_cast<std::int64_t>(middle_s * 1000)) +
        " ms of ours: " + std::to_string(ppm) + " ppm, give or take " + std::to_string(unsure_ppm);
    if (std::abs(drift) - unsure > drift_max) {
        return failed(name, found, remedy);
    }
    return server::cli::bringup::passed(
        name, found, {{"drift_ppm", ppm}, {"uncertainty_ppm", unsure_ppm}});
}

}  // namespace server::cli::bringup
