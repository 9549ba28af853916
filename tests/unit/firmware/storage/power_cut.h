#pragma once

#include <span>

#include "tests/unit/firmware/storage/store_driver.h"

// The store on flash whose power fails in every single operation, in every way that flash or a file
// is known to fail, and then again while it recovers; compared with a map and a list. After
// MCUboot's simulator and OpenSK's store driver. The store is whichever the program is linked with:
// the one that ships, or one that is wrong on purpose.
namespace firmware::storage {

using tests::support::SimFlash;
using tests::support::Tear;

// mps2_an505: 512 KiB of flash with ECC.
constexpr hal::FlashGeometry reference_board = {8192, 64, 8};
// STM32F405: sectors 7 to 11 of its flash; FORMAT.md "On an STM32F405".
constexpr hal::FlashGeometry stm32f405 = {131072, 5, 8};

struct Scenario {
    const char* name;
    hal::FlashGeometry geometry;
    Profile profile;
    int prepared_steps;
    int steps;
    // In an ordinary run one cut in so many, beginning anywhere; in the long run each.
    std::uint64_t sampled = 1;
};

std::span<const Scenario> scenarios();

struct Tally {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::string first_failure;

    void add(const std::string& failure, const std::string& where);
    void add(const Tally& other);
};

struct Stride {
    std::uint64_t first = 1;
    std::uint64_t step = 1;
};

// The scenario with a cut at each `stride`-th of its flash operations, torn in each way; half of
// the runs are cut again while they recover. `blank` is the flash to begin with.
Tally run_all_cuts(const Scenario& scenario, const SimFlash& blank, Stride stride = {});

// A file is at its worst when much waits for a sync that does not come: cut at each erase and sync,
// and at a sample of the programs.
Tally run_rare_syncs(std::uint32_t seeds, Stride stride);

// What the file kept of a first attempt at a sector must not come back among the records of a
// second attempt at the same sector.
Tally run_two_attempts(std::uint32_t seeds);

// A store with a random geometry and history, and five cascades from there: two to six cuts, one
// after the other, each somewhere in what follows the one before.
Tally run_cascades(std::uint32_t seed);

// A store used, with a cut now and then, until its flash refuses to be erased or programmed.
struct Life {
    std::string failure;  // empty: nothing that was acknowledged is lost, and all can be read
    std::uint64_t cuts = 0;
    std::uint64_t device_errors = 0;
    bool ended = false;  // a start could not write any more
};
Life run_to_the_end(const hal::FlashGeometry& geometry, std::uint32_t seed);

// The long form of the tests: KYSO_LONG=1.
bool long_run();

// KYSO_SEED, or else another in each run; printed, so that a run can be had again.
std::uint32_t run_seed();

}  // namespace firmware::storage
