#include "firmware/activation/used_window.h"

#include <random>
#include <set>

#include "tests/support/module_fixture.h"

namespace {

using hsm::Status;
using tests::support::status;
using Window = firmware::activation::UsedWindow<64, 16>;

TEST(UsedWindow, GivesConsecutiveNumbersAndSpendsEachOnce) {
    Window window;
    for (std::uint64_t i = 0; i < 64; ++i) {
        ASSERT_EQ(*window.open(0, 1000), i);
    }
    for (std::uint64_t i = 0; i < 64; ++i) {
        EXPECT_EQ(status(window.check_unspent(i)), Status::ok);
        window.spend(i);
        EXPECT_EQ(status(window.check_unspent(i)), Status::activation_spent);
    }
}

TEST(UsedWindow, DoesNotKnowNumbersThatItNeverGave) {
    Window window;
    EXPECT_EQ(status(window.check_unspent(0)), Status::activation_expired);
    ASSERT_TRUE(window.open(0, 1000));
    EXPECT_EQ(status(window.check_unspent(1)), Status::activation_expired);
    EXPECT_EQ(status(window.check_unspent(64)), Status::activation_expired);
    EXPECT_EQ(status(window.check_unspent(UINT64_MAX)), Status::activation_expired);
}

TEST(UsedWindow, IsBusyWhileItsOldestBlockHoldsOneUnexpired) {
    Window window;
    for (std::uint64_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(window.open(0, i == 7 ? 5000 : 10));
    }
    window.spend(7);

    EXPECT_EQ(status(window.open(4999, 6000)), Status::busy);
    EXPECT_EQ(status(window.check_unspent(7)), Status::activation_spent);
    EXPECT_EQ(status(window.check_unspent(8)), Status::ok);

    EXPECT_EQ(*window.open(5000, 6000), 64u);
    EXPECT_EQ(status(window.check_unspent(7)), Status::activation_expired);
    EXPECT_EQ(status(window.check_unspent(16)), Status::ok);
}

TEST(UsedWindow, StartsEachBlockUnspent) {
    Window window;
    for (std::uint64_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(window.open(0, 10));
        window.spend(i);
    }
    for (std::uint64_t i = 64; i < 128; ++i) {
        ASSERT_EQ(*window.open(10, 20), i);
        EXPECT_EQ(status(window.check_unspent(i)), Status::ok);
    }
}

// Whatever is opened and spent in whatever order: one that was spent and has not expired is never
// found unspent.
TEST(UsedWindow, NeverForgetsASpentOneBeforeItExpires) {
    std::mt19937 random(7);
    Window window;
    struct Opened {
        std::uint64_t sequence;
        std::uint64_t expiry_ms;
        bool spent;
    };
    std::vector<Opened> opened;
    std::uint64_t now_ms = 0;
    std::size_t busy = 0;
    for (int step = 0; step < 20'000; ++step) {
        now_ms += random() % 3;
        const auto expiry_ms = now_ms + 1 + random() % 120;
        const auto sequence = window.open(now_ms, expiry_ms);
        if (sequence) {
            opened.push_back({*sequence, expiry_ms, false});
        } else {
            ++busy;
        }
        std::erase_if(opened, [&](const Opened& one) { return one.expiry_ms <= now_ms; });
        if (opened.empty()) {
            continue;
        }
        auto& one = opened[random() % opened.size()];
        ASSERT_EQ(status(window.check_unspent(one.sequence)),
                  one.spent ? Status::activation_spent : Status::ok);
        if (!one.spent) {
            window.spend(one.sequence);
            one.spent = true;
        }
    }
    EXPECT_GT(busy, 0u);
}

}  // namespace
