#include "firmware/storage/log_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/storage/store_driver.h"

namespace firmware::storage {
namespace {

using hsm::view_of;
using tests::support::SimFlash;

constexpr hal::FlashGeometry board = {8192, 16, 8};

class LogStoreTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(store.format(7)); }

    std::string log(std::uint64_t index) {
        std::array<Byte, log_record_size_max> buffer{};
        const auto record = store.read_log(index, buffer);
        return record ? std::string(hsm::text_of(*record))
                      : std::string(hsm::base::status_name(record.error()));
    }

    std::string value(std::string_view key) {
        std::array<Byte, value_size_max> buffer{};
        const auto found = store.get(view_of(key), buffer);
        return found ? std::string(hsm::text_of(*found))
                     : std::string(hsm::base::status_name(found.error()));
    }

    // Appends records of this size until the log is full.
    std::uint64_t fill_log(std::size_t size) {
        const std::string record(size, 'r');
        for (std::uint64_t count = 0;; ++count) {
            const auto index = store.append_log(view_of(record));
            if (!index) {
                EXPECT_EQ(index.error(), Status::log_full);
                return count;
            }
        }
    }

    SimFlash flash{board};
    TestMemory memory;
    LogStore store{flash, memory.spans()};
    Recorder seen;
};

TEST_F(LogStoreTest, CountsItsRecordsFromOne) {
    EXPECT_EQ(store.next_log_index(), 1u);
    EXPECT_EQ(*store.append_log(view_of("first")), 1u);
    EXPECT_EQ(*store.append_log(view_of("second")), 2u);

    EXPECT_EQ(log(1), "first");
    EXPECT_EQ(log(2), "second");
    EXPECT_EQ(log(0), "no_such_record");
    EXPECT_EQ(log(3), "no_such_record");
}

TEST_F(LogStoreTest, ShowsUnreleasedRecordsAndTheirNotesAtMount) {
    for (const auto* text : {"one", "two", "three"}) {
        ASSERT_TRUE(store.append_log(view_of(text)));
        ASSERT_TRUE(store.append_note(view_of(std::string("note of ") + text)));
    }
    ASSERT_TRUE(store.release_log(1));
    ASSERT_TRUE(store.sync());

    ASSERT_TRUE(store.mount(seen));

    const std::vector<LogEvent> expected = {
        {2, "two"}, {0, "note of two"}, {3, "three"}, {0, "note of three"}};
    EXPECT_EQ(seen.events, expected);
    EXPECT_EQ(store.released_log_index(), 1u);
}

TEST_F(LogStoreTest, ShowsTheNewestRecordWhenAllAreReleased) {
    ASSERT_TRUE(store.append_log(view_of("one")));
    ASSERT_TRUE(store.append_log(view_of("two")));
    ASSERT_TRUE(store.release_log(2));
    ASSERT_TRUE(store.sync());

    ASSERT_TRUE(store.mount(seen));

    EXPECT_EQ(seen.events, (std::vector<LogEvent>{{2, "two"}}));
}

TEST_F(LogStoreTest, KeepsTheReleasePointerFromFalling) {
    ASSERT_TRUE(store.append_log(view_of("one")));
    ASSERT_TRUE(store.append_log(view_of("two")));
    ASSERT_TRUE(store.release_log(2));

    EXPECT_TRUE(store.release_log(1));
    EXPECT_EQ(store.released_log_index(), 2u);
    EXPECT_EQ(store.release_log(3).error(), Status::no_such_record);
}

TEST_F(LogStoreTest, RefusesWhatIsTooLongOrEmpty) {
    const std::string longest(log_record_size_max, 'x');

    EXPECT_TRUE(store.append_log(view_of(longest)));
    EXPECT_EQ(log(1), longest);
    EXPECT_EQ(store.append_log(view_of(longest + "x")).error(), Status::malformed);
    EXPECT_EQ(store.append_log({}).error(), Status::malformed);
    EXPECT_EQ(store.put({}, view_of("value")).error(), Status::malformed);
    EXPECT_EQ(store.put(view_of(std::string(41, 'k')), {}).error(), Status::malformed);
    EXPECT_EQ(store.put(view_of("key"), view_of(std::string(2049, 'v'))).error(),
              Status::malformed);
    EXPECT_EQ(store.append_note(view_of(std::string(257, 'n'))).error(), Status::malformed);
}

TEST_F(LogStoreTest, AnswersABufferThatIsTooShort) {
    ASSERT_TRUE(store.append_log(view_of("four")));
    ASSERT_TRUE(store.put(view_of("key"), view_of("four")));
    std::array<Byte, 3> buffer{};

    EXPECT_EQ(store.read_log(1, buffer).error(), Status::malformed);
    EXPECT_EQ(store.get(view_of("key"), buffer).error(), Status::malformed);
}

TEST_F(LogStoreTest, HoldsValuesUntilTheyAreReplacedOrErased) {
    ASSERT_TRUE(store.put(view_of("a"), view_of("1")));
    ASSERT_TRUE(store.put(view_of("b"), view_of("")));
    ASSERT_TRUE(store.put(view_of("a"), view_of("2")));
    EXPECT_EQ(value("a"), "2");
    EXPECT_EQ(value("b"), "");

    ASSERT_TRUE(store.erase(view_of("a")));
    ASSERT_TRUE(store.erase(view_of("never was")));
    ASSERT_TRUE(store.sync());
    ASSERT_TRUE(store.mount(seen));

    EXPECT_EQ(value("a"), "no_such_record");
    EXPECT_EQ(value("b"), "");
    EXPECT_EQ(store.key_count(), 1u);
}

TEST_F(LogStoreTest, ListsKeysByPrefix) {
    for (const auto* key : {"rev/1", "boot", "rev/2", "re"}) {
        ASSERT_TRUE(store.put(view_of(key), view_of(key)));
    }

    std::vector<std::string> found;
    std::size_t cursor = 0;
    Key key;
    Value content;
    while (*store.next_entry(view_of("rev/"), cursor, key, content)) {
        EXPECT_EQ(key.view().size(), content.view().size());
        found.emplace_back(hsm::text_of(key));
    }

    EXPECT_THAT(found, ::testing::UnorderedElementsAre("rev/1", "rev/2"));
}

TEST_F(LogStoreTest, StillPutsWhenTheLogIsFull) {
    fill_log(1000);
    EXPECT_EQ(store.log_sectors_free(), 1u);

    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(store.put(view_of("boot"), view_of(std::to_string(i))));
        ASSERT_TRUE(store.sync());
    }

    EXPECT_EQ(value("boot"), "1999");
}

TEST_F(LogStoreTest, StillTakesNotesWhenTheLogIsFull) {
    fill_log(1000);

    EXPECT_TRUE(store.append_note(view_of("acknowledged")));
    EXPECT_TRUE(store.sync());
    EXPECT_TRUE(store.mount(seen));
    EXPECT_EQ(seen.events.back(), (LogEvent{0, "acknowledged"}));
}

TEST_F(LogStoreTest, GoesOnAfterARelease) {
    const auto count = fill_log(1000);
    ASSERT_TRUE(store.release_log(count / 2));
    const auto more = fill_log(1000);

    EXPECT_GT(more, count / 2 - 16);
    EXPECT_GT(store.first_log_index(), 1u);
    EXPECT_LE(store.first_log_index(), count / 2 + 1);
    EXPECT_EQ(log(store.first_log_index() - 1), "no_such_record");
    EXPECT_EQ(log(count / 2 + 1), std::string(1000, 'r'));
}

TEST_F(LogStoreTest, TellsHowMuchRoomTheLogHas) {
    EXPECT_EQ(store.log_room(), store.log_room_max());
    const std::string record(1000, 'r');
    auto before = store.log_room();
    while (store.log_room() >= 2 * (log_record_size_max + record_header_size)) {
        ASSERT_TRUE(store.append_log(view_of(record)));
        EXPECT_LT(store.log_room(), before);
        before = store.log_room();
    }
    fill_log(1000);
    EXPECT_LT(store.log_room(), 1000u + 2 * record_header_size);

    ASSERT_TRUE(store.release_log(store.next_log_index() - 1));
    EXPECT_GT(store.log_room(), store.log_room_max() - 2 * board.sector_size);
}

TEST_F(LogStoreTest, FillsTheTableToItsBudgetAndStillReplaces) {
    const std::string large(value_size_max, 'v');
    int count = 0;
    while (store.put(view_of("key" + std::to_string(count)), view_of(large))) {
        ++count;
    }
    EXPECT_GT(count, 3);

    for (int i = 0; i < 400; ++i) {
        const auto key = "key" + std::to_string(i * 7 % count);
        const auto content = std::to_string(i) + large.substr(10);
        ASSERT_TRUE(store.put(view_of(key), view_of(content))) << i;
        ASSERT_EQ(value(key), content);
    }
    EXPECT_TRUE(store.erase(view_of("key0")));
    EXPECT_TRUE(store.put(view_of("another"), view_of(large)));
}

TEST_F(LogStoreTest, RefusesMoreKeysThanItHasRoomFor) {
    for (int i = 0; i < 48; ++i) {
        ASSERT_TRUE(store.put(view_of(std::to_string(i)), view_of("v")));
    }

    EXPECT_EQ(store.put(view_of("48"), view_of("v")).error(), Status::storage_full);
    EXPECT_TRUE(store.put(view_of("47"), view_of("w")));
}

TEST_F(LogStoreTest, UsesItsSectorsEvenly) {
    for (int i = 0; i < 20000; ++i) {
        const auto index = store.append_log(view_of(std::string(300, 'e')));
        ASSERT_TRUE(index);
        ASSERT_TRUE(store.put(view_of("last"), view_of(std::to_string(i))));
        if (i % 16 == 0) {
            ASSERT_TRUE(store.release_log(*index));
            ASSERT_TRUE(store.sync());
        }
    }
    ASSERT_TRUE(store.sync());
    ASSERT_TRUE(store.mount(seen));

    EXPECT_EQ(value("last"), "19999");
    EXPECT_EQ(store.next_log_index(), 20001u);
    EXPECT_EQ(flash.violations(), 0u);
    constexpr std::uint32_t state_sectors = 3;
    for (std::uint32_t sector = 0; sector < board.sector_count; ++sector) {
        const auto first = sector < state_sectors ? 0 : state_sectors;
        EXPECT_NEAR(static_cast<double>(flash.erases(sector)),
                    static_cast<double>(flash.erases(first)),
                    1.0);
    }
}

TEST_F(LogStoreTest, CostsAStartNoLogSector) {
    for (int start = 0; start < 100; ++start) {
        ASSERT_TRUE(store.append_log(view_of("one record a start")));
        ASSERT_TRUE(store.sync());
        ASSERT_TRUE(store.mount(seen));
    }

    EXPECT_EQ(store.next_log_index(), 101u);
    EXPECT_EQ(store.log_sectors_free(), store.log_sector_count() - 1);
    EXPECT_EQ(log(50), "one record a start");
}

TEST_F(LogStoreTest, WritesNothingMoreAfterAnErrorOfTheFlash) {
    ASSERT_TRUE(store.append_log(view_of("one")));
    flash.cut_at(1, tests::support::Tear::nothing, 1);
    EXPECT_EQ(store.sync().error(), Status::storage_failed);
    flash.power_on();

    EXPECT_EQ(store.append_log(view_of("two")).error(), Status::storage_failed);
    EXPECT_EQ(store.put(view_of("key"), view_of("v")).error(), Status::storage_failed);
    EXPECT_EQ(store.sync().error(), Status::storage_failed);
    EXPECT_TRUE(store.mount(seen));
    EXPECT_EQ(*store.append_log(view_of("one again")), 1u);
}

TEST_F(LogStoreTest, PassesTheVisitorsErrorOn) {
    class Refuses final : public LogVisitor {
    public:
        Result<void> log_record(std::uint64_t, ByteView) override {
            return Status::storage_corrupt;
        }
        Result<void> note(ByteView) override { return {}; }
    };
    ASSERT_TRUE(store.append_log(view_of("chain broken here")));
    ASSERT_TRUE(store.sync());

    Refuses refuses;
    EXPECT_EQ(store.mount(refuses).error(), Status::storage_corrupt);
}

// Bytes of an earlier store, or made by whoever chooses a payload, are not records of this one.
TEST_F(LogStoreTest, ForgetsTheStoreThatWasFormattedOver) {
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(store.append_log(view_of("old")));
        ASSERT_TRUE(store.put(view_of("old"), view_of("value")));
        ASSERT_TRUE(store.sync());
    }

    ASSERT_TRUE(store.format(8));
    ASSERT_TRUE(store.append_log(view_of("new")));
    ASSERT_TRUE(store.sync());
    ASSERT_TRUE(store.mount(seen));

    EXPECT_EQ(seen.events, (std::vector<LogEvent>{{1, "new"}}));
    EXPECT_EQ(value("old"), "no_such_record");
}

TEST(LogStore, KnowsAFlashThatWasNeverUsed) {
    SimFlash flash(board);
    TestMemory memory;
    LogStore store(flash, memory.spans());
    Recorder seen;

    std::array<Byte, value_size_max> buffer{};
    EXPECT_EQ(store.get(view_of("boot"), buffer).error(), Status::storage_failed);
    EXPECT_TRUE(*LogStore::is_unformatted(flash));
    EXPECT_EQ(store.mount(seen).error(), Status::storage_corrupt);
    // A board looks for its hosts all the same: that must not be what ends it.
    EXPECT_EQ(store.get(view_of("boot"), buffer).error(), Status::storage_corrupt);
    ASSERT_TRUE(store.format(1));
    ASSERT_TRUE(store.put(view_of("boot"), view_of("1")));
    ASSERT_TRUE(store.sync());
    EXPECT_FALSE(*LogStore::is_unformatted(flash));
}

TEST(LogStore, RefusesAGeometryBeyondItsMemoryOrLimits) {
    TestMemory memory;
    Recorder seen;
    for (const auto& geometry : {hal::FlashGeometry{4096, 65, 8},
                                 hal::FlashGeometry{4096, 4, 8},
                                 hal::FlashGeometry{2048, 16, 8},
                                 hal::FlashGeometry{4096, 16, 4}}) {
        SimFlash flash(geometry);
        LogStore store(flash, memory.spans());

        EXPECT_EQ(store.mount(seen).error(), Status::configuration_wrong);
        EXPECT_EQ(store.format(1).error(), Status::configuration_wrong);
    }
}

TEST(LogStore, RefusesAStoreOfAnotherGeometry) {
    SimFlash small({8192, 8, 8});
    TestMemory memory;
    LogStore first(small, memory.spans());
    ASSERT_TRUE(first.format(1));
    SimFlash large({8192, 16, 8});
    std::ranges::copy(small.bytes(), large.bytes().begin());
    LogStore second(large, memory.spans());

    Recorder seen;
    EXPECT_EQ(second.mount(seen).error(), Status::storage_corrupt);
}

}  // namespace
}  // namespace firmware::storage
