#include "firmware/audit/result_table.h"

#include <map>
#include <random>

#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using hsm::Status;
using hsm::protocol::Occurrence;
using Table = firmware::audit::ResultTable<64>;

TEST(ResultTable, AgreesWithAModelOverRandomSteps) {
    std::mt19937 random(11);
    Table table;
    std::map<std::pair<hsm::Digest, std::uint32_t>, std::uint64_t> model;
    for (std::uint64_t step = 1; step < 20'000; ++step) {
        hsm::Digest challenge{};
        challenge[0] = static_cast<hsm::Byte>(random() % 6);
        const Occurrence key{challenge, static_cast<std::uint32_t>(random() % 20)};
        const auto place = model.find({key.challenge, key.leaf_index});
        if (random() % 2 == 0) {
            const auto added = status(table.add(key, step));
            if (place != model.end()) {
                ASSERT_EQ(added, Status::ok);
            } else if (model.size() == 64) {
                ASSERT_EQ(added, Status::busy);
            } else {
                ASSERT_EQ(added, Status::ok);
                model[{key.challenge, key.leaf_index}] = step;
            }
        } else {
            ASSERT_EQ(status(table.remove(key)),
                      place == model.end() ? Status::no_such_result : Status::ok);
            model.erase({key.challenge, key.leaf_index});
        }
        ASSERT_EQ(table.size(), model.size());
        ASSERT_EQ(table.has_room(), model.size() < 64);
        const auto found = table.find(key);
        const auto expected = model.find({key.challenge, key.leaf_index});
        ASSERT_EQ(found.has_value(), expected != model.end());
        if (found) {
            ASSERT_EQ(*found, expected->second);
        }
    }
}

TEST(ResultTable, KnowsWhetherAnOldRecordIsStillWaitedFor) {
    Table table;
    ASSERT_TRUE(table.add({random_digest(), 0}, 5));

    EXPECT_FALSE(table.holds_up_to(4));
    EXPECT_TRUE(table.holds_up_to(5));
}

TEST(AcknowledgedNote, ReadsBackAndRefusesOtherNotes) {
    const Occurrence key{random_digest(), 1023};
    const auto note = firmware::audit::acknowledged_note(key);

    EXPECT_EQ(*firmware::audit::parse_acknowledged_note(note), key);
    for (std::size_t size = 0; size < note.size(); ++size) {
        EXPECT_EQ(status(firmware::audit::parse_acknowledged_note(hsm::ByteView(note).first(size))),
                  Status::storage_corrupt);
    }
    auto other = note;
    other[0] = 2;
    EXPECT_EQ(status(firmware::audit::parse_acknowledged_note(other)), Status::storage_corrupt);
}

}  // namespace
