#include "server/http/signal.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace server::http {
namespace {

TEST(Signal, WakesEverySubscriberOnce) {
    Signal signal;
    int first = 0;
    int second = 0;
    signal.subscribe(signal.generation(), [&] { ++first; });
    signal.subscribe(signal.generation(), [&] { ++second; });

    signal.notify();
    signal.notify();

    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 1);
    EXPECT_EQ(signal.generation(), 2u);
}

TEST(Signal, WakesAtOnceWhoHasMissedANotify) {
    Signal signal;
    const auto seen = signal.generation();
    signal.notify();
    int woken = 0;

    signal.subscribe(seen, [&] { ++woken; });

    EXPECT_EQ(woken, 1);
}

TEST(Signal, UnsubscribedIsNotWoken) {
    Signal signal;
    int woken = 0;
    const auto ticket = signal.subscribe(signal.generation(), [&] { ++woken; });

    signal.unsubscribe(ticket);
    signal.notify();

    EXPECT_EQ(woken, 0);
}

TEST(Signal, LosesNoWakeBetweenThreads) {
    Signal signal;
    constexpr int rounds = 2000;
    std::atomic<int> woken = 0;
    std::thread notifier([&] {
        for (int i = 0; i < rounds; ++i) {
            signal.notify();
            while (woken.load() <= i) {
                std::this_thread::yield();
            }
        }
    });

    for (std::uint64_t seen = 0; seen < rounds; ++seen) {
        signal.subscribe(seen, [&] { ++woken; });
        while (woken.load() <= static_cast<int>(seen)) {
            std::this_thread::yield();
        }
    }
    notifier.join();

    EXPECT_EQ(woken.load(), rounds);
}

}  // namespace
}  // namespace server::http
