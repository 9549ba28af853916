#include "server/net/blocking_pool.h"

#include <atomic>
#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

namespace server::net {
namespace {

TEST(BlockingPool, RunsEverythingBeforeItJoins) {
    std::atomic<int> ran = 0;
    BlockingPool pool(2, 1000);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(pool.submit([&] { ++ran; }));
    }

    pool.join();

    EXPECT_EQ(ran.load(), 1000);
    EXPECT_FALSE(pool.submit([&] { ++ran; }));
}

TEST(BlockingPool, RefusesBeyondItsQueue) {
    std::promise<void> started;
    std::promise<void> release;
    BlockingPool pool(1, 2);
    ASSERT_TRUE(pool.submit([&] {
        started.set_value();
        release.get_future().wait();
    }));
    started.get_future().wait();

    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_FALSE(pool.submit([] {}));
    EXPECT_EQ(pool.queued(), 2u);
    release.set_value();
}

TEST(BlockingPool, SurvivesWorkThatThrows) {
    std::promise<void> ran;
    BlockingPool pool(1, 10);

    ASSERT_TRUE(pool.submit([] { throw std::runtime_error("thrown by a test"); }));
    ASSERT_TRUE(pool.submit([] { throw 7; }));
    ASSERT_TRUE(pool.submit([&] { ran.set_value(); }));

    ran.get_future().wait();
}

}  // namespace
}  // namespace server::net
