#include "firmware/activation/spent_ledger.h"

#include "tests/support/module_fixture.h"

namespace {

using hsm::Status;
using tests::support::status;
using Ledger = firmware::activation::SpentLedger<64, 16, 2>;

TEST(SpentLedger, SpendsABatchLeafByLeafInAnyOrder) {
    Ledger ledger;
    const auto sequence = *ledger.open(0, 100);
    for (const std::uint32_t leaf : {2u, 0u, 1u}) {
        EXPECT_EQ(status(ledger.find({sequence, 100, leaf, 3}, 0)), Status::ok);
        ledger.spend(*ledger.find({sequence, 100, leaf, 3}, 0), {sequence, 100, leaf, 3});
        EXPECT_EQ(status(ledger.find({sequence, 100, leaf, 3}, 0)), Status::activation_spent);
    }
    for (const std::uint32_t leaf : {0u, 1u, 2u}) {
        EXPECT_EQ(status(ledger.find({sequence, 100, leaf, 3}, 0)), Status::activation_spent);
    }
}

TEST(SpentLedger, RefusesLeavesOutsideAndAfterExpiry) {
    Ledger ledger;
    const auto sequence = *ledger.open(0, 100);

    EXPECT_EQ(status(ledger.find({sequence, 100, 1, 1}, 0)), Status::leaf_index_wrong);
    EXPECT_EQ(status(ledger.find({sequence, 100, 1024, 1025}, 0)), Status::leaf_index_wrong);
    EXPECT_EQ(status(ledger.find({sequence, 100, 0, 1}, 99)), Status::ok);
    EXPECT_EQ(status(ledger.find({sequence, 100, 0, 1}, 100)), Status::activation_expired);
}

// A slot that was given to another batch after its own expired must not bring the old one back.
TEST(SpentLedger, KeepsAnExpiredBatchDeadAfterItsSlotIsReused) {
    Ledger ledger;
    const auto old = *ledger.open(0, 50);
    ledger.spend(*ledger.find({old, 50, 0, 2}, 0), {old, 50, 0, 2});
    for (int i = 0; i < 2; ++i) {
        const auto sequence = *ledger.open(60, 200);
        ledger.spend(*ledger.find({sequence, 200, 0, 2}, 60), {sequence, 200, 0, 2});
    }

    EXPECT_EQ(status(ledger.find({old, 50, 0, 2}, 60)), Status::activation_expired);
}

}  // namespace
