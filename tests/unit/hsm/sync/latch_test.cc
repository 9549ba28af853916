#include "hsm/sync/latch.h"

#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hsm::sync {
namespace {

class CountingParker final : public Parker {
public:
    void park() override {
        ++parked;
        on_park();
    }
    void unpark() override { ++unparked; }

    int parked = 0;
    int unparked = 0;
    std::function<void()> on_park;
};

// Whether wait() returns without parking whoever comes.
bool is_open(Latch& latch) {
    const auto fiber = std::make_shared<CountingParker>();
    bool parked = false;
    fiber->on_park = [&] {
        parked = true;
        latch.count_down();  // else it would wait for ever
    };
    const CurrentParker current(*fiber);
    latch.wait();
    return !parked;
}

TEST(Latch, LetsThroughWhoComesAfterItHasOpened) {
    Latch latch;

    latch.count_down();

    EXPECT_TRUE(is_open(latch));
}

TEST(Latch, IsOpenWhenThereIsNothingToCount) {
    Latch latch(0);

    EXPECT_TRUE(is_open(latch));
}

TEST(Latch, IsClosedBefore) {
    Latch latch;

    EXPECT_FALSE(is_open(latch));
}

TEST(Latch, OpensAtTheLastCountOnly) {
    Latch latch(2);
    std::atomic<bool> through = false;
    std::thread waiter([&] {
        latch.wait();
        through = true;
    });

    latch.count_down();
    EXPECT_FALSE(through);
    latch.count_down();
    waiter.join();

    EXPECT_TRUE(through);
}

TEST(Latch, ShowsWhatWasWrittenBeforeItOpened) {
    int written = 0;
    Latch latch;
    std::thread writer([&] {
        written = 7;
        latch.count_down();
    });

    latch.wait();

    EXPECT_EQ(written, 7);
    writer.join();
}

// The waiter's frame, and its thread, end at once: what the last count_down() still does may touch
// neither. Sanitizers look.
TEST(Latch, MayEndTogetherWithItsWaiter) {
    constexpr int rounds = 2000;
    std::atomic<int> through = 0;
    for (int round = 0; round < rounds; ++round) {
        std::atomic<Latch*> shared = nullptr;
        std::thread waiter([&] {
            Latch latch(2);
            shared = &latch;
            latch.wait();
            ++through;
        });
        while (shared == nullptr) {
            std::this_thread::yield();
        }
        std::thread other([&] { shared.load()->count_down(); });
        shared.load()->count_down();
        waiter.join();
        other.join();
    }

    EXPECT_EQ(through, rounds);
}

TEST(Latch, ParksTheFiberThatRuns) {
    const auto fiber = std::make_shared<CountingParker>();
    Latch latch;
    fiber->on_park = [&] {
        if (fiber->parked == 2) {  // the first time it returns for no reason
            latch.count_down();
        }
    };

    {
        const CurrentParker current(*fiber);
        latch.wait();
    }

    EXPECT_EQ(fiber->parked, 2);
    EXPECT_EQ(fiber->unparked, 1);
}

TEST(CurrentParker, GivesBackTheOneBefore) {
    auto& thread = Parker::current();
    const auto outer = std::make_shared<CountingParker>();
    const auto inner = std::make_shared<CountingParker>();

    {
        const CurrentParker first(*outer);
        {
            const CurrentParker second(*inner);
            EXPECT_EQ(&Parker::current(), inner.get());
        }
        EXPECT_EQ(&Parker::current(), outer.get());
    }

    EXPECT_EQ(&Parker::current(), &thread);
}

}  // namespace
}  // namespace hsm::sync
