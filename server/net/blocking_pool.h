#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace server::net {

// Threads for work that may block: handlers, SQLite, calls to a module. Its queue is bounded, so
// that a server that falls behind says so instead of answering ever later.
class BlockingPool {
public:
    BlockingPool(std::size_t threads, std::size_t queue_max);
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;
    ~BlockingPool();

    // False, with nothing queued, when `queue_max` pieces of work wait already or the pool is
    // joined. Work that throws is logged; it reports by its own means. Any thread.
    [[nodiscard]] bool submit(std::function<void()> work);

    // Finishes what is queued and ends the threads. Repeated calls have no effect.
    void join();

    std::size_t queued() const;

private:
    void run();

    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_;
    std::size_t sleeping_ = 0;
    bool joining_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace server::net
