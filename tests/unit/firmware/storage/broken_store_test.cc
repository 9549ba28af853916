#include <cstdio>

#include <gtest/gtest.h>

#include "tests/unit/firmware/storage/power_cut.h"

// Linked with a store that is wrong in one line (CMakeLists.txt): what PowerCut expects of the one
// that ships must not hold for it.
namespace firmware::storage {
namespace {

TEST(BrokenStore, IsCaughtByThePowerCutTests) {
    auto tally = run_two_attempts(300);
    if (tally.failures == 0) {
        tally.add(run_rare_syncs(10, {1, 97}));
    }
    for (const auto& scenario : scenarios()) {
        if (tally.failures == 0 && scenario.sampled == 1) {
            tally.add(run_all_cuts(scenario, SimFlash(scenario.geometry), {1, 2}));
        }
    }

    std::printf("%llu of %llu runs failed; the first: %s\n",
                static_cast<unsigned long long>(tally.failures),
                static_cast<unsigned long long>(tally.runs),
                tally.first_failure.c_str());
    EXPECT_GT(tally.failures, 0u);
}

}  // namespace
}  // namespace firmware::storage
