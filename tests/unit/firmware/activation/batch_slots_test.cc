#include "firmware/activation/batch_slots.h"

#include "tests/support/module_fixture.h"

namespace {

using hsm::Status;
using tests::support::status;
using Slots = firmware::activation::BatchSlots<2>;

TEST(BatchSlots, SpendsEachLeafOnceAndFreesTheSlotAfterTheLast) {
    Slots slots;
    for (std::uint32_t leaf = 0; leaf < 1024; ++leaf) {
        const auto place = slots.find(5, leaf, 0);
        ASSERT_TRUE(place);
        const auto progress = slots.spend(*place, 5, leaf, 1024, 100);
        if (leaf < 1023) {
            ASSERT_EQ(progress, Slots::Progress::leaves_left);
            ASSERT_EQ(status(slots.find(5, leaf, 0)), Status::activation_spent);
        } else {
            EXPECT_EQ(progress, Slots::Progress::all_spent);
        }
    }
    for (const std::uint64_t other : {6, 7}) {
        const auto place = slots.find(other, 0, 0);
        ASSERT_TRUE(place);
        slots.spend(*place, other, 0, 2, 100);
    }
}

TEST(BatchSlots, IsBusyWithoutAFreeSlotAndChangesNothing) {
    Slots slots;
    for (const std::uint64_t sequence : {1, 2}) {
        slots.spend(*slots.find(sequence, 3, 0), sequence, 3, 8, 100);
    }

    EXPECT_EQ(status(slots.find(3, 0, 99)), Status::busy);

    EXPECT_EQ(status(slots.find(1, 3, 99)), Status::activation_spent);
    EXPECT_EQ(status(slots.find(2, 4, 99)), Status::ok);
}

TEST(BatchSlots, ReusesASlotThatHasExpired) {
    Slots slots;
    slots.spend(*slots.find(1, 3, 0), 1, 3, 8, 50);
    slots.spend(*slots.find(2, 3, 0), 2, 3, 8, 100);

    const auto place = slots.find(3, 3, 50);

    ASSERT_TRUE(place);
    slots.spend(*place, 3, 3, 8, 100);
    EXPECT_EQ(status(slots.find(3, 3, 50)), Status::activation_spent);
    EXPECT_EQ(status(slots.find(2, 3, 50)), Status::activation_spent);
}

}  // namespace
