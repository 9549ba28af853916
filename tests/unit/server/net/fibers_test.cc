#include "server/net/fibers.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "hsm/sync/latch.h"

namespace server::net {
namespace {

using hsm::sync::Latch;

class FibersTest : public testing::Test {
protected:
    // The loop runs until every fiber has ended.
    void run_all() {
        while (fibers_.running() > 0) {
            io_.restart();
            io_.run_one();
        }
    }

    boost::asio::io_context io_{1};
    Fibers fibers_{io_.get_executor(), 100};
};

TEST_F(FibersTest, RunsAtOnceWhatNeedsNotWait) {
    bool ran = false;

    EXPECT_TRUE(fibers_.start([&] { ran = true; }));

    EXPECT_TRUE(ran);
    EXPECT_EQ(fibers_.running(), 0u);
}

TEST_F(FibersTest, GoesOnWhenAnotherThreadHasOpenedTheLatch) {
    Latch latch;
    std::thread::id resumed_on;
    ASSERT_TRUE(fibers_.start([&] {
        latch.wait();
        resumed_on = std::this_thread::get_id();
    }));
    EXPECT_EQ(fibers_.running(), 1u);

    std::thread other([&] { latch.count_down(); });
    run_all();
    other.join();

    EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(FibersTest, ManyParkOnOneThreadAndEndInAnyOrder) {
    constexpr std::size_t count = 100;
    std::array<Latch, count> latches;
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(fibers_.start([&, i] {
            std::array<char, 32'000> on_the_stack{};
            on_the_stack.fill(static_cast<char>(i));
            latches[i].wait();
            EXPECT_EQ(on_the_stack[31'999], static_cast<char>(i));
            ended.push_back(i);
        }));
    }

    EXPECT_FALSE(fibers_.start([] { ADD_FAILURE(); }));
    std::thread other([&] {
        for (std::size_t i = count; i-- > 0;) {
            latches[i].count_down();
        }
    });
    run_all();
    other.join();

    EXPECT_EQ(ended.size(), count);
}

TEST_F(FibersTest, ParksAgainAndAgain) {
    constexpr int rounds = 1000;
    std::atomic<Latch*> waiting = nullptr;
    int done = 0;
    std::thread other([&] {
        for (int i = 0; i < rounds; ++i) {
            Latch* latch = nullptr;
            while ((latch = waiting.exchange(nullptr)) == nullptr) {
                std::this_thread::yield();
            }
            latch->count_down();
        }
    });
    ASSERT_TRUE(fibers_.start([&] {
        for (; done < rounds; ++done) {
            Latch latch;
            waiting = &latch;
            latch.wait();
        }
    }));

    run_all();
    other.join();

    EXPECT_EQ(done, rounds);
}

TEST_F(FibersTest, OneMayWakeAnother) {
    Latch latch;
    bool woken = false;
    ASSERT_TRUE(fibers_.start([&] {
        latch.wait();
        woken = true;
    }));

    ASSERT_TRUE(fibers_.start([&] { latch.count_down(); }));
    run_all();

    EXPECT_TRUE(woken);
}

TEST_F(FibersTest, SurvivesWorkThatThrows) {
    Latch latch;
    bool ran = false;

    EXPECT_TRUE(fibers_.start([] { throw std::runtime_error("thrown by a test"); }));
    EXPECT_TRUE(fibers_.start([&] {
        latch.wait();
        throw 7;
    }));
    EXPECT_TRUE(fibers_.start([&] {
        try {
            throw std::runtime_error("caught where it was thrown");
        } catch (const std::runtime_error&) {
            ran = true;
        }
    }));
    latch.count_down();
    run_all();

    EXPECT_TRUE(ran);
}

TEST_F(FibersTest, DestroysTheWorkWhenItHasEnded) {
    const auto held = std::make_shared<int>(0);

    ASSERT_TRUE(fibers_.start([held] {}));

    EXPECT_EQ(held.use_count(), 1);
}

// A permit that came too late for one piece of work is no news for the next on the same stack.
TEST_F(FibersTest, ALateWakeUpDisturbsNobody) {
    std::shared_ptr<hsm::sync::Parker> parker;
    ASSERT_TRUE(fibers_.start([&] { parker = hsm::sync::Parker::current().shared_from_this(); }));
    parker->unpark();
    Latch latch;
    bool through = false;
    ASSERT_TRUE(fibers_.start([&] {
        latch.wait();
        through = true;
    }));

    io_.restart();
    io_.poll();
    EXPECT_FALSE(through);
    latch.count_down();
    run_all();

    EXPECT_TRUE(through);
}

}  // namespace
}  // namespace server::net
