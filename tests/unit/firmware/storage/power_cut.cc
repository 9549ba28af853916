#include "tests/unit/firmware/storage/power_cut.h"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace firmware::storage {
namespace {

using tests::support::all_tears;

constexpr Scenario all_scenarios[] = {
    {"small units, young", {4096, 9, 8}, {1}, 3, 10},
    {"small units, wrapped", {4096, 9, 8}, {2}, 700, 10},
    {"small units, wrapped, another", {4096, 9, 8}, {3}, 900, 10},
    {"more sectors", {4096, 16, 8}, {4}, 1200, 8},
    {"large units", {16384, 8, 16}, {5}, 60, 10},
    {"large units, wrapped", {8192, 9, 16}, {6}, 1100, 10},
    {"fewest sectors, young", {4096, 5, 8}, {10}, 3, 10},
    {"fewest sectors, wrapped", {16384, 5, 8}, {11}, 2000, 10},
    {"fewest sectors, large units", {4096, 5, 16}, {12}, 900, 10},
    {"reference board, young", reference_board, {13}, 5, 10, 5},
    {"reference board, wrapped", reference_board, {14}, 6000, 10, 11},
    {"STM32F405, young", stm32f405, {15}, 5, 10, 5},
    {"STM32F405, wrapped", stm32f405, {16}, 6000, 10, 31},
};

// What a cascade may begin with.
constexpr hal::FlashGeometry geometries[] = {{4096, 9, 8},
                                             {4096, 12, 16},
                                             {16384, 5, 8},
                                             {8192, 16, 8},
                                             {8192, 16, 16},
                                             reference_board,
                                             stm32f405};

// append, note, put, erase, release, sync, count, change_epoch
constexpr Profile seldom_synced = {1, 900, {7, 2, 5, 1, 1, 1, 0, 0}};
// The ring of the table turns without a sync that the log has asked for.
constexpr Profile mostly_puts = {1, 150, {1, 0, 60, 2, 0, 1, 0, 0}};

struct Prepared {
    SimFlash flash;
    Model model;
    std::uint64_t operations = 0;
    std::vector<std::uint64_t> turning_points;  // erases and syncs
    std::string failure;
};

// A store with a history.
Prepared prepare_history(const SimFlash& blank, const Profile& profile, int steps) {
    Prepared prepared{blank, {}, 0, {}, {}};
    TestMemory memory;
    StoreDriver driver(prepared.flash, memory, {}, profile);
    auto& failure = prepared.failure;
    if (driver.format() != Status::ok) {
        failure = "no store could be made";
    }
    for (int i = 0; i < steps && failure.empty(); ++i) {
        driver.step(failure);
        if (i % 97 == 0 && failure.empty() && driver.sync(failure)) {
            failure = driver.mount_and_check();
        }
    }
    if (failure.empty()) {
        driver.sync(failure);
    }
    prepared.model = driver.model();
    return prepared;
}

// The same, and how many flash operations the scenario's steps take on it.
Prepared prepare(const Scenario& scenario, const SimFlash& blank) {
    auto prepared = prepare_history(blank, scenario.profile, scenario.prepared_steps);
    if (!prepared.failure.empty()) {
        return prepared;
    }
    TestMemory memory;
    SimFlash trial = prepared.flash;
    StoreDriver driver(trial, memory, prepared.model, scenario.profile);
    trial.power_on();
    prepared.failure = driver.mount_and_check();
    for (int i = 0; i < scenario.steps && prepared.failure.empty(); ++i) {
        driver.step(prepared.failure);
    }
    prepared.operations = trial.operations();
    prepared.turning_points = trial.turning_points();
    return prepared;
}

// Steps until power goes or the scenario ends.
std::string run_steps(StoreDriver& driver, int steps) {
    std::string failure;
    for (int i = 0; i < steps && failure.empty() && driver.step(failure); ++i) {
    }
    return failure;
}

// With power that stays: the store is whole, mounts again to the same, and goes on.
std::string check_recovery(SimFlash& flash, StoreDriver& driver) {
    std::string failure;
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

std::string run_until_cut(StoreDriver& driver, const SimFlash& flash, int steps) {
    auto failure = driver.mount_and_check();
    if (failure.empty() && !flash.off()) {
        failure = run_steps(driver, steps);
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
    auto failure = run_until_cut(driver, flash, scenario.steps);
    // Half of the cuts are followed by one or two more, in the recovery or soon after.
    for (auto more = random() % 4; more > 1 && failure.empty(); --more) {
        flash.power_on();
        const auto again = 1 + random() % 24;
        const auto next_tear =
            tear == Tear::unsynced_subset ? tear : all_tears[random() % std::size(all_tears)];
        flash.cut_at(again, next_tear, static_cast<std::uint32_t>(random()));
        failure = run_until_cut(driver, flash, 3);
    }
    return failure.empty() ? check_recovery(flash, driver) : failure;
}

std::string cut_name(std::uint64_t cut, Tear tear) {
    return "cut at " + std::to_string(cut) + ", tear " + std::to_string(static_cast<int>(tear));
}

std::string run_cascade(const Prepared& prepared, const Profile& profile, std::mt19937& random) {
    TestMemory memory;
    SimFlash flash = prepared.flash;
    StoreDriver driver(flash, memory, prepared.model, profile);
    std::string failure;
    // Whether the flash is a file, of which anything unsynced may be lost, or NOR.
    const bool file = random() % 4 == 0;
    for (auto cuts = 2 + random() % 5; cuts > 0 && failure.empty(); --cuts) {
        constexpr std::uint32_t windows[] = {12, 200, 3000};
        const auto tear =
            file ? Tear::unsynced_subset : all_tears[random() % (std::size(all_tears) - 1)];
        flash.power_on();
        flash.cut_at(1 + random() % windows[random() % std::size(windows)],
                     tear,
                     static_cast<std::uint32_t>(random()));
        failure = run_until_cut(driver, flash, 60);
    }
    return failure.empty() ? check_recovery(flash, driver) : failure;
}

constexpr std::uint32_t attempt_records = 8;

// The first letter of each record.
std::string mount_letters(LogStore& store, std::string& letters) {
    Recorder seen;
    if (!store.mount(seen)) {
        return "the store does not mount";
    }
    letters.clear();
    for (const auto& event : seen.events) {
        letters += event.content.front();
    }
    return {};
}

std::string append_letters(LogStore& store, char letter, std::string& expected) {
    for (std::uint32_t i = 0; i < attempt_records; ++i) {
        if (!store.append_log(hsm::view_of(std::string(200, letter)))) {
            return "a record was refused";
        }
        expected += letter;
    }
    return {};
}

}  // namespace

std::span<const Scenario> scenarios() {
    return all_scenarios;
}

void Tally::add(const std::string& failure, const std::string& where) {
    ++runs;
    if (!failure.empty() && failures++ == 0) {
        first_failure = failure + " (" + where + ")";
    }
}

void Tally::add(const Tally& other) {
    if (failures == 0) {
        first_failure = other.first_failure;
    }
    runs += other.runs;
    failures += other.failures;
}

Tally run_all_cuts(const Scenario& scenario, const SimFlash& blank, Stride stride) {
    const auto prepared = prepare(scenario, blank);
    TestMemory memory;
    Tally tally;
    if (!prepared.failure.empty()) {
        tally.add(prepared.failure, "without a cut");
        return tally;
    }
    for (auto cut = stride.first; cut <= prepared.operations; cut += stride.step) {
        for (const auto tear : all_tears) {
            tally.add(run_cut(scenario, prepared, memory, cut, tear), cut_name(cut, tear));
        }
    }
    return tally;
}

Tally run_rare_syncs(std::uint32_t seeds, Stride stride) {
    TestMemory memory;
    Tally tally;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        const auto& profile = seed % 2 == 0 ? mostly_puts : seldom_synced;
        Scenario scenario{"rare syncs", {4096, 9, 16}, profile, 200, 60};
        scenario.profile.seed = seed;
        const auto prepared = prepare(scenario, SimFlash(scenario.geometry));
        if (!prepared.failure.empty()) {
            tally.add(prepared.failure, "without a cut");
            continue;
        }
        std::set<std::uint64_t> cuts(prepared.turning_points.begin(),
                                     prepared.turning_points.end());
        for (auto cut = stride.first; cut <= prepared.operations; cut += stride.step) {
            cuts.insert(cut);
        }
        for (const auto cut : cuts) {
            for (std::uint32_t variant = 0; variant < 4; ++variant) {
                const auto tear = Tear::unsynced_subset;
                tally.add(run_cut(scenario, prepared, memory, cut, tear, variant),
                          cut_name(cut, tear));
            }
        }
    }
    return tally;
}

Tally run_two_attempts(std::uint32_t seeds) {
    const hal::FlashGeometry geometry{4096, 9, 16};
    constexpr std::uint32_t units = (sector_header_size + attempt_records * 224) / 16;
    TestMemory memory;
    Tally tally;
    SimFlash prepared(geometry);
    LogStore first(prepared, memory.spans());
    if (!first.format(1) || !first.append_log(hsm::view_of(std::string(3900, 'x'))) ||
        !first.sync()) {
        tally.add("no store could be made", "without a cut");
        return tally;
    }
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        SimFlash flash = prepared;
        std::string failure;
        std::string expected;
        for (const char letter : {'A', 'B'}) {
            LogStore store(flash, memory.spans());
            flash.power_on();
            if (failure.empty()) {
                failure = mount_letters(store, expected);
            }
            if (failure.empty()) {
                failure = append_letters(store, letter, expected);
            }
            flash.cut_at(units + 1, Tear::unsynced_subset, 2 * seed + (letter == 'B' ? 1 : 0));
            if (failure.empty()) {
                (void)store.sync();  // cut, unless part of the first attempt is still there
            }
        }
        flash.power_on();
        LogStore store(flash, memory.spans());
        std::string found;
        if (failure.empty()) {
            failure = mount_letters(store, found);
        }
        if (failure.empty() && found != expected.substr(0, found.size())) {
            failure = "two attempts are mixed";
        }
        tally.add(failure, "seed " + std::to_string(seed));
    }
    return tally;
}

Tally run_cascades(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto& geometry = geometries[random() % std::size(geometries)];
    Profile profile{static_cast<std::uint32_t>(random()), std::size_t{60} << random() % 4, {}};
    for (auto& weight : profile.weights) {
        weight = 1 + static_cast<std::uint32_t>(random() % 16);
    }
    const auto steps = static_cast<int>(random() % 1200);
    const auto where = "KYSO_SEED=" + std::to_string(seed);
    const auto prepared = prepare_history(SimFlash(geometry), profile, steps);
    Tally tally;
    if (!prepared.failure.empty()) {
        tally.add(prepared.failure, where + ", without a cut");
        return tally;
    }
    for (int cascade = 0; cascade < 5; ++cascade) {
        tally.add(run_cascade(prepared, profile, random),
                  where + ", cascade " + std::to_string(cascade));
    }
    return tally;
}

Life run_to_the_end(const hal::FlashGeometry& geometry, std::uint32_t seed) {
    constexpr int refusals_to_be_dead = 12;
    Life life;
    TestMemory memory;
    SimFlash flash(geometry);
    std::mt19937 random(seed);
    flash.wear_out(12, 12, static_cast<std::uint32_t>(random()));
    StoreDriver driver(flash, memory, {}, {static_cast<std::uint32_t>(random())});
    if (driver.format() != Status::ok) {
        life.failure = "no store could be made";
    }
    // The end: so many starts in a row in which the first thing written was refused.
    for (int refused = 0; refused < refusals_to_be_dead && life.failure.empty();) {
        flash.power_on();
        if (random() % 3 == 0) {
            flash.cut_at(1 + random() % 400,
                         all_tears[random() % (std::size(all_tears) - 1)],
                         static_cast<std::uint32_t>(random()));
            ++life.cuts;
        }
        life.failure = driver.mount_and_check();
        if (life.failure.empty() && !flash.off()) {
            const bool written = driver.count(life.failure);
            refused = written || flash.off() ? 0 : refused + 1;
            if (written && life.failure.empty()) {
                life.failure = run_steps(driver, 200);
            }
        }
        life.device_errors += flash.failing() ? 1 : 0;
    }
    flash.power_on();
    for (int mounts = 0; mounts < 3 && life.failure.empty(); ++mounts) {
        life.failure = driver.mount_and_check();
        life.ended = true;
    }
    if (life.failure.empty() && flash.violations() != 0) {
        life.failure = "the flash was used against its rules";
    }
    return life;
}

bool long_run() {
    const char* value = std::getenv("KYSO_LONG");
    return value != nullptr && std::string_view(value) == "1";
}

std::uint32_t run_seed() {
    static const std::uint32_t seed = [] {
        const char* given = std::getenv("KYSO_SEED");
        const auto chosen = given != nullptr
                                ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                                : std::random_device()();
        std::printf("KYSO_SEED=%u\n", chosen);
        return chosen;
    }();
    return seed;
}

}  // namespace firmware::storage
