#include <gtest/gtest.h>

#include "tests/unit/firmware/storage/store_driver.h"

namespace firmware::storage {
namespace {

using tests::support::SimFlash;

struct Outcome {
    std::uint64_t corrupt = 0;
    std::uint64_t unchanged = 0;
    std::string first_failure;

    void add(const std::string& failure, const std::string& where) {
        if (failure == "mount answered storage_corrupt") {
            ++corrupt;
        } else if (failure.empty()) {
            ++unchanged;
        } else if (first_failure.empty()) {
            first_failure = failure + ": " + where;
        }
    }
};

// Bits of the image flipped, one at a time, each `stride`-th of what is written: either the store
// says so, or it holds exactly what it held.
Outcome flip_bits(const SimFlash& healthy, const Model& model, std::size_t stride) {
    TestMemory memory;
    Outcome outcome;
    SimFlash flash = healthy;
    for (std::size_t bit = 0; bit < flash.bytes().size() * 8; bit += stride) {
        // Erased flash as such has nothing to lose: a sample of it is enough.
        if (bit % 173 != 0 && flash.bytes()[bit / 8] == 0xff) {
            continue;
        }
        flash.flip(bit);
        StoreDriver driver(flash, memory, model, {});
        const auto failure = driver.mount_and_check();
        flash.flip(bit);
        outcome.add(failure, "bit " + std::to_string(bit));
    }
    return outcome;
}

// The same with one unit after the other that the ECC gives up: no bits at all instead of wrong
// ones.
Outcome lose_units(const SimFlash& healthy, const Model& model, std::size_t stride) {
    TestMemory memory;
    Outcome outcome;
    SimFlash flash = healthy;
    const auto unit = flash.geometry().program_unit;
    for (std::uint32_t at = 0; at < flash.bytes().size(); at += unit * stride) {
        if (!flash.make_unreadable(at)) {
            continue;
        }
        StoreDriver driver(flash, memory, model, {});
        outcome.add(driver.mount_and_check(), "unit at " + std::to_string(at));
        flash.repair(at);
    }
    return outcome;
}

void expect_no_silent_damage(int steps, std::uint32_t seed, std::size_t stride) {
    SimFlash flash({4096, 8, 8});
    TestMemory memory;
    StoreDriver driver(flash, memory, {}, {seed});
    std::string failure;
    ASSERT_EQ(driver.format(), Status::ok);
    for (int i = 0; i < steps; ++i) {
        ASSERT_TRUE(driver.step(failure)) << failure;
    }
    ASSERT_TRUE(driver.sync(failure));
    ASSERT_EQ(driver.mount_and_check(), "");

    const auto outcome = flip_bits(flash, driver.model(), stride);

    EXPECT_EQ(outcome.first_failure, "");
    EXPECT_GT(outcome.corrupt, outcome.unchanged / 4);

    const auto lost = lose_units(flash, driver.model(), stride);
    EXPECT_EQ(lost.first_failure, "");
    EXPECT_GT(lost.corrupt, lost.unchanged / 4);
}

TEST(BitRot, OfAYoungStoreIsNeverSilent) {
    expect_no_silent_damage(30, 1, 1);
}

TEST(BitRot, OfAStoreThatHasWrappedIsNeverSilent) {
    expect_no_silent_damage(260, 2, 23);
}

TEST(BitRot, UnderAMountedStoreIsSeenWhenRead) {
    SimFlash flash({4096, 8, 8});
    TestMemory memory;
    LogStore store(flash, memory.spans());
    ASSERT_TRUE(store.format(1));
    ASSERT_TRUE(store.append_log(hsm::view_of("a record that will rot")));
    ASSERT_TRUE(store.put(hsm::view_of("key"), hsm::view_of("a value that will rot")));
    ASSERT_TRUE(store.sync());
    const std::string needle = "will rot";
    auto bytes = flash.bytes();
    for (auto at = bytes.begin();;) {
        at = std::search(at, bytes.end(), needle.begin(), needle.end());
        if (at == bytes.end()) {
            break;
        }
        *at++ ^= 0x10;
    }

    std::array<Byte, value_size_max> buffer{};
    std::size_t cursor = 0;
    Key key;
    Value value;
    EXPECT_EQ(store.next_entry({}, cursor, key, value).error(), Status::storage_corrupt);
    EXPECT_EQ(store.read_log(1, buffer).error(), Status::storage_corrupt);
    EXPECT_EQ(store.get(hsm::view_of("key"), buffer).error(), Status::storage_corrupt);
}

TEST(BitRot, OfAUnitUnderAMountedStoreIsSeenWhenRead) {
    SimFlash flash({4096, 8, 16});
    TestMemory memory;
    LogStore store(flash, memory.spans());
    ASSERT_TRUE(store.format(1));
    const std::string content(600, 'c');
    ASSERT_TRUE(store.append_log(hsm::view_of(content)));
    ASSERT_TRUE(store.put(hsm::view_of("key"), hsm::view_of(content)));
    ASSERT_TRUE(store.sync());
    const auto bytes = flash.bytes();
    std::size_t lost = 0;
    for (std::uint32_t at = 0; at < bytes.size(); at += 16) {
        lost += bytes[at] == 'c' && bytes[at + 15] == 'c' && flash.make_unreadable(at) ? 1 : 0;
    }
    ASSERT_GT(lost, 2 * 600 / 16 - 4u);

    std::array<Byte, value_size_max> buffer{};
    EXPECT_EQ(store.read_log(1, buffer).error(), Status::storage_corrupt);
    EXPECT_EQ(store.get(hsm::view_of("key"), buffer).error(), Status::storage_corrupt);
}

}  // namespace
}  // namespace firmware::storage
