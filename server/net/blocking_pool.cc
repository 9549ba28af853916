#include "server/net/blocking_pool.h"

#include <exception>
#include <spdlog/spdlog.h>
#include <utility>

namespace server::net {

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back(&BlockingPool::run, this);
    }
}

BlockingPool::~BlockingPool() {
    join();
}

bool BlockingPool::submit(std::function<void()> work) {
    bool somebody_sleeps = false;
    {
        const std::lock_guard lock(mutex_);
        if (joining_ || queue_.size() >= queue_max_) {
            return false;
        }
        queue_.push_back(std::move(work));
        somebody_sleeps = sleeping_ > 0;
    }
    if (somebody_sleeps) {
        ready_.notify_one();
    }
    return true;
}

void BlockingPool::join() {
    {
        const std::lock_guard lock(mutex_);
        joining_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

std::size_t BlockingPool::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void BlockingPool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        while (queue_.empty()) {
            if (joining_) {
                return;
            }
            ++sleeping_;
            ready_.wait(lock);
            --sleeping_;
        }
        std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        try {
            work();
        } catch (const std::exception& error) {
            spdlog::error("work on the blocking pool threw: {}", error.what());
        } catch (...) {
            spdlog::error("work on the blocking pool threw something unknown");
        }
        // What the work owns may be large or lock something: not under our lock.
        work = nullptr;
        lock.lock();
    }
}

}  // namespace server::net
