#include "tests/unit/firmware/storage/power_cut.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace firmware::storage {
namespace {

using tests::support::all_tears;

// Where a sample of every n-th begins: elsewhere in each run.
Stride sample(std::uint64_t step, std::uint32_t salt) {
    std::mt19937 random(run_seed() + salt);
    return {1 + random() % step, step};
}

TEST(PowerCut, LeavesOldOrNewAtEveryOperation) {
    std::uint64_t runs = 0;
    std::uint32_t number = 0;
    for (const auto& scenario : scenarios()) {
        const auto stride = sample(long_run() ? 1 : scenario.sampled, ++number);
        const auto tally = run_all_cuts(scenario, SimFlash(scenario.geometry), stride);

        EXPECT_EQ(tally.failures, 0u) << scenario.name << ": " << tally.first_failure;
        EXPECT_GT(tally.runs, 0u) << scenario.name;
        runs += tally.runs;
        std::printf("%6llu runs with a power cut: %s\n",
                    static_cast<unsigned long long>(tally.runs),
                    scenario.name);
    }
    EXPECT_GT(runs, 5000u);
}

TEST(PowerCut, LeavesOldOrNewInAFileThatIsSeldomSynced) {
    const auto tally = run_rare_syncs(10, sample(long_run() ? 1 : 13, 0));

    EXPECT_EQ(tally.failures, 0u) << tally.first_failure;
    EXPECT_GT(tally.runs, 1000u);
}

TEST(PowerCut, DoesNotMixTwoAttemptsAtOneSector) {
    const auto tally = run_two_attempts(300);

    EXPECT_EQ(tally.failures, 0u) << tally.first_failure;
}

// 5,000 of them in the long run.
TEST(PowerCut, LeavesOldOrNewInCascades) {
    const std::uint32_t seeds = long_run() ? 1000 : 60;
    Tally tally;
    for (std::uint32_t i = 0; i < seeds; ++i) {
        tally.add(run_cascades(run_seed() + i));
    }

    EXPECT_EQ(tally.failures, 0u) << tally.first_failure;
    EXPECT_EQ(tally.runs, seeds * 5);
}

TEST(PowerCut, LosesNothingToFlashThatWearsOut) {
    const std::uint32_t lives = long_run() ? 1000 : 40;
    std::uint64_t cuts = 0;
    std::uint64_t device_errors = 0;
    for (std::uint32_t i = 0; i < lives; ++i) {
        constexpr hal::FlashGeometry geometries[] = {{4096, 9, 8}, {4096, 9, 16}, {16384, 5, 8}};
        const auto life = run_to_the_end(geometries[i % std::size(geometries)], run_seed() + i);

        EXPECT_EQ(life.failure, "") << "KYSO_SEED=" << run_seed() + i;
        EXPECT_TRUE(life.ended);
        cuts += life.cuts;
        device_errors += life.device_errors;
    }
    std::printf("%u lives with %llu cuts and %llu starts that met an error of the flash\n",
                lives,
                static_cast<unsigned long long>(cuts),
                static_cast<unsigned long long>(device_errors));
    EXPECT_GT(cuts, lives);
    EXPECT_GT(device_errors, lives);
}

// The devices that are wrong; stores that are wrong: broken_store_test.cc.
TEST(PowerCut, HarnessCatchesADeviceThatDoesNotSync) {
    const Scenario scenario{"broken", {4096, 9, 8}, {2}, 700, 30};
    SimFlash flash(scenario.geometry);
    flash.ignore_sync();

    const auto tally = run_all_cuts(scenario, flash, {1, 7});

    EXPECT_GT(tally.failures, tally.runs / 50);
}

TEST(PowerCut, HarnessCatchesAnEraseLeftOutOnBlankSectors) {
    const auto& scenario = scenarios()[2];
    SimFlash flash(scenario.geometry);
    flash.skip_blank_erase();

    const auto tally = run_all_cuts(scenario, flash, {1, 3});

    EXPECT_GT(tally.failures, 0u);
}

TEST(PowerCut, InFormatLeavesAFlashThatSaysSo) {
    const hal::FlashGeometry geometry{4096, 9, 8};
    TestMemory memory;
    for (const bool used : {false, true}) {
        SimFlash old(geometry);
        if (used) {
            StoreDriver driver(old, memory, {}, {9});
            std::string failure;
            ASSERT_EQ(driver.format(), Status::ok);
            for (int i = 0; i < 300; ++i) {
                ASSERT_TRUE(driver.step(failure)) << failure;
            }
            ASSERT_TRUE(driver.sync(failure));
        }
        for (std::uint64_t cut = 1; cut < 60; ++cut) {
            for (const auto tear : all_tears) {
                SimFlash flash = old;
                StoreDriver driver(flash, memory, {}, {});
                flash.power_on();
                flash.cut_at(cut, tear, 1);
                const bool done = driver.format() == Status::ok;
                flash.power_on();

                const bool unformatted = *LogStore::is_unformatted(flash);
                LogStore store(flash, memory.spans());
                Recorder seen;
                const bool mounted = store.mount(seen).has_value();

                // The very first operation may leave the old store whole.
                const bool untouched = mounted && used && store.key_count() != 0;
                EXPECT_TRUE(!untouched || cut <= 2) << cut;
                EXPECT_TRUE(!done || mounted);
                EXPECT_TRUE(used || mounted || unformatted) << cut << " " << static_cast<int>(tear);
                EXPECT_TRUE(untouched || store.format(2));
                EXPECT_TRUE(untouched || store.append_log(hsm::view_of("first")));
                EXPECT_EQ(flash.violations(), 0u);
            }
        }
    }
}

}  // namespace
}  // namespace firmware::storage
