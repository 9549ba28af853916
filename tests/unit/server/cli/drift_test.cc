#include "server/cli/bringup/drift.h"

#include <gtest/gtest.h>

namespace server::cli::bringup {
namespace {

using namespace std::chrono_literals;

// A board whose clock runs at `rate`, asked each 100 ms; each answer takes 2 ms.
Drift watched(double rate, int looks) {
    Drift drift;
    const Drift::Instant begin{};
    for (int i = 0; i < looks; ++i) {
        const auto asked = begin + i * 100ms;
        drift.look(asked, static_cast<std::uint64_t>(5000 + i * 100 * rate), asked + 2ms);
    }
    return drift;
}

TEST(Drift, PassesACrystal) {
    const auto drift = watched(1.00005, 30);

    EXPECT_GE(drift.watched(), 2s);
    EXPECT_EQ(Verdict::passed, drift.step("clock").verdict);
}

TEST(Drift, FailsAWrongDivider) {
    for (const double rate : {0.5, 0.95, 1.05, 1.5}) {
        const auto step = watched(rate, 30).step("clock");
        EXPECT_EQ(Verdict::failed, step.verdict) << rate;
        EXPECT_FALSE(step.remedy.empty());
    }
}

TEST(Drift, FailsAClockThatStands) {
    EXPECT_EQ(Verdict::failed, watched(0, 30).step("clock").verdict);
}

TEST(Drift, FailsAClockThatGoesBackEvenIfItComesOutRight) {
    Drift drift;
    const Drift::Instant begin{};
    drift.look(begin, 1000, begin + 1ms);
    drift.look(begin + 500ms, 1800, begin + 501ms);
    drift.look(begin + 600ms, 1600, begin + 601ms);

    EXPECT_EQ(Verdict::failed, drift.step("clock").verdict);
}

// Two looks that a busy machine has stretched tell nothing against a clock.
TEST(Drift, DoesNotBlameTheClockForSlowAnswers) {
    Drift drift;
    const Drift::Instant begin{};
    drift.look(begin, 1000, begin + 1ms);
    drift.look(begin + 1s, 2400, begin + 1s + 500ms);

    EXPECT_EQ(Verdict::passed, drift.step("clock").verdict);
}

TEST(Drift, SaysNothingOfOneLook) {
    EXPECT_EQ(Verdict::skipped, watched(1, 1).step("clock").verdict);
}

}  // namespace
}  // namespace server::cli::bringup
