#include <gtest/gtest.h>

#include "tests/unit/firmware/storage/store_driver.h"

// The store as it ships, on flash whose power fails in every single operation, in every way that
// flash or a file is known to fail, and then again while it recovers; compared with a map and a
// list. After MCUboot's simulator and OpenSK's store driver.
namespace firmware::storage {
namespace {

using tests::support::all_tears;
using tests::support::SimFlash;
using tests::support::Tear;

struct Scenario {
    const char* name;
    hal::FlashGeometry geometry;
    Profile profile;
    int prepared_steps;
    int steps;
};

constexpr Scenario scenarios[] = {
    {"small units, young", {4096, 9, 8}, {1}, 3, 10},
    {"small units, wrapped", {4096, 9, 8}, {2}, 700, 10},
    {"small units, wrapped, another", {4096, 9, 8}, {3}, 900, 10},
    {"more sectors", {4096, 16, 8}, {4}, 1200, 8},
    {"large units", {16384, 8, 16}, {5}, 60, 10},
    {"large units, wrapped", {8192, 9, 16}, {6}, 1100, 10},
};

// A file is at its worst when much waits for a sync that does not come.
constexpr Profile rare_syncs = {7, 1, 900};

struct Prepared {
    SimFlash flash;
    Model model;
    std::uint64_t operations = 0;
};

struct Tally {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::string first_failure;

    void add(const std::string& failure, std::uint64_t cut, Tear tear) {
        ++runs;
        if (!failure.empty() && failures++ == 0) {
            first_failure = failure + " (cut at " + std::to_string(cut) + ", tear " +
                            std::to_string(static_cast<int>(tear)) + ")";
        }
    }
};

// A store with a history, and how many flash operations the scenario's steps take on it.
Prepared prepare(const Scenario& scenario, const SimFlash& blank) {
    Prepared prepared{blank, {}, 0};
    TestMemory memory;
    std::string failure;
    {
        StoreDriver driver(prepared.flash, memory, {}, scenario.profile);
        EXPECT_EQ(driver.format(), Status::ok);
        for (int i = 0; i < scenario.prepared_steps && failure.empty(); ++i) {
            driver.step(failure);
            if (i % 97 == 0 && failure.empty() && driver.sync(failure)) {
                failure = driver.mount_and_check();
            }
        }
        driver.sync(failure);
        EXPECT_EQ(failure, "") << scenario.name;
        prepared.model = driver.model();
    }
    SimFlash trial = prepared.flash;
    StoreDriver driver(trial, memory, prepared.model, scenario.profile);
    trial.power_on();
    EXPECT_EQ(driver.mount_and_check(), "");
    for (int i = 0; i < scenario.steps; ++i) {
        driver.step(failure);
    }
    EXPECT_EQ(failure, "") << scenario.name;
    prepared.operations = trial.operations();
    return prepared;
}

// Steps until power goes or the scenario ends.
std::string run_steps(StoreDriver& driver, int steps) {
    std::string failure;
    for (int i = 0; i < steps && failure.empty() && driver.step(failure); ++i) {
    }
    return failure;
}

std::string run_cut(const Scenario& scenario,
                    const Prepared& prepared,
                    TestMemory& memory,
                    std::uint64_t cut,
                    Tear tear,
                    std::uint32_t variant = 0) {
    SimFlash flash = prepared.flash;
    flash.power_on();
    std::mt19937 random(static_cast<std::uint32_t>(cut * 8 + static_cast<std::uint64_t>(tear)) +
                        variant * 0x10001);
    StoreDriver driver(flash, memory, prepared.model, scenario.profile);
    flash.cut_at(cut, tear, static_cast<std::uint32_t>(random()));
    auto failure = driver.mount_and_check();
    if (failure.empty() && !flash.off()) {
        failure = run_steps(driver, scenario.steps);
    }
    // Half of the cuts are followed by one or two more, in the recovery or soon after.
    for (auto more = random() % 4; more > 1 && failure.empty(); --more) {
        flash.power_on();
        const auto again = 1 + random() % 24;
        const auto next_tear =
            tear == Tear::unsynced_subset ? tear : all_tears[random() % std::size(all_tears)];
        flash.cut_at(again, next_tear, static_cast<std::uint32_t>(random()));
        failure = driver.mount_and_check();
        if (failure.empty() && !flash.off()) {
            failure = run_steps(driver, 3);
        }
    }
    flash.power_on();
    for (int mounts = 0; mounts < 2 && failure.empty(); ++mounts) {
        failure = driver.mount_and_check();
    }
    if (failure.empty()) {
        failure = run_steps(driver, 2);
    }
    if (failure.empty()) {
        driver.sync(failure);
    }
    if (failure.empty()) {
        failure = driver.mount_and_check();
    }
    if (failure.empty() && flash.violations() != 0) {
        failure = "the flash was used against its rules";
    }
    return failure;
}

Tally run_all_cuts(const Scenario& scenario, const SimFlash& blank, std::uint64_t stride) {
    const auto prepared = prepare(scenario, blank);
    TestMemory memory;
    Tally tally;
    for (std::uint64_t cut = 1; cut <= prepared.operations; cut += stride) {
        for (const auto tear : all_tears) {
            tally.add(run_cut(scenario, prepared, memory, cut, tear), cut, tear);
        }
    }
    return tally;
}

TEST(PowerCut, LeavesOldOrNewAtEveryOperation) {
    std::uint64_t runs = 0;
    for (const auto& scenario : scenarios) {
        const auto tally = run_all_cuts(scenario, SimFlash(scenario.geometry), 1);

        EXPECT_EQ(tally.failures, 0u) << scenario.name << ": " << tally.first_failure;
        runs += tally.runs;
    }
    RecordProperty("runs", std::to_string(runs));
    std::printf("%llu runs with a power cut\n", static_cast<unsigned long long>(runs));
    EXPECT_GT(runs, 5000u);
}

TEST(PowerCut, LeavesOldOrNewInAFileThatIsSeldomSynced) {
    TestMemory memory;
    Tally tally;
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
        auto profile = rare_syncs;
        profile.seed = seed;
        const Scenario scenario{"rare syncs", {4096, 9, 16}, profile, 200, 30};
        const auto prepared = prepare(scenario, SimFlash(scenario.geometry));
        for (std::uint64_t cut = 1; cut <= prepared.operations; cut += 13) {
            for (std::uint32_t variant = 0; variant < 4; ++variant) {
                const auto tear = Tear::unsynced_subset;
                tally.add(run_cut(scenario, prepared, memory, cut, tear, variant), cut, tear);
            }
        }
    }

    EXPECT_EQ(tally.failures, 0u) << tally.first_failure;
    EXPECT_GT(tally.runs, 1000u);
}

// Power fails in the first sync of a new log sector, twice at the same sector: what the file kept
// of the first attempt must not come back among the records of the second.
TEST(PowerCut, DoesNotMixTwoAttemptsAtOneSector) {
    const hal::FlashGeometry geometry{4096, 9, 16};
    constexpr std::uint32_t record_size = 200;
    constexpr std::uint32_t record_count = 8;
    constexpr std::uint32_t units = (sector_header_size + record_count * 224) / 16;
    TestMemory memory;
    SimFlash prepared(geometry);
    LogStore first(prepared, memory.spans());
    ASSERT_TRUE(first.format(1));
    ASSERT_TRUE(first.append_log(hsm::view_of(std::string(3900, 'x'))));
    ASSERT_TRUE(first.sync());
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        SimFlash flash = prepared;
        std::string expected = "x";
        for (const char letter : {'A', 'B'}) {
            flash.power_on();
            LogStore store(flash, memory.spans());
            Recorder seen;
            ASSERT_TRUE(store.mount(seen));
            expected.clear();
            for (const auto& event : seen.events) {
                expected += event.content.front();
            }
            for (std::uint32_t i = 0; i < record_count; ++i) {
                ASSERT_TRUE(store.append_log(hsm::view_of(std::string(record_size, letter))));
                expected += letter;
            }
            flash.cut_at(units + 1, Tear::unsynced_subset, 2 * seed + (letter == 'B' ? 1 : 0));
            (void)store.sync();  // cut, unless part of the first attempt is still there
        }
        flash.power_on();
        LogStore store(flash, memory.spans());
        Recorder seen;
        ASSERT_TRUE(store.mount(seen));
        std::string found;
        for (const auto& event : seen.events) {
            found += event.content.front();
        }
        EXPECT_EQ(found, expected.substr(0, found.size()));
    }
}

TEST(PowerCut, HarnessCatchesADeviceThatDoesNotSync) {
    const Scenario scenario{"broken", {4096, 9, 8}, {2}, 700, 30};
    SimFlash flash(scenario.geometry);
    flash.ignore_sync();

    const auto tally = run_all_cuts(scenario, flash, 7);

    EXPECT_GT(tally.failures, tally.runs / 50);
}

TEST(PowerCut, HarnessCatchesAnEraseLeftOutOnBlankSectors) {
    const auto& scenario = scenarios[2];
    SimFlash flash(scenario.geometry);
    flash.skip_blank_erase();

    const auto tally = run_all_cuts(scenario, flash, 3);

    EXPECT_GT(tally.failures, 0u);
}

TEST(PowerCut, InFormatLeavesAFlashThatSaysSo) {
    const hal::FlashGeometry geometry{4096, 9, 8};
    TestMemory memory;
    for (const bool used : {false, true}) {
        const Scenario scenario{"used", geometry, {9}, 300, 1};
        const auto old = prepare(scenario, SimFlash(geometry));
        for (std::uint64_t cut = 1; cut < 60; ++cut) {
            for (const auto tear : all_tears) {
                SimFlash flash = used ? old.flash : SimFlash(geometry);
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
