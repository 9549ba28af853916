#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"

namespace server::push {

// What a sending thread empties. Every call comes from that thread.
template <class Attempt>
class Outbox {
public:
    // Begins what may begin: SendingThread::begin() says yes, and ended() comes once it is over.
    virtual void send_due() = 0;
    virtual cloudsign::Result<std::optional<std::int64_t>> next_due() = 0;
    virtual cloudsign::Result<void> record(const std::vector<Attempt>& attempts) = 0;

protected:
    ~Outbox() = default;
};

// The thread of a sender: looks when something has fallen due, holds each receiver to so many
// attempts at once, so that one that does not answer holds up nobody else, and has what came of
// them recorded, many in one commit.
template <class Attempt>
class SendingThread {
public:
    // `name` in the log; `key_of` names what an attempt was of.
    SendingThread(const char* name,
                  const cloudsign::Clock& clock,
                  std::string (*key_of)(const Attempt&),
                  unsigned of_receiver_max)
        : name_(name), clock_(clock), key_of_(key_of), of_receiver_max_(of_receiver_max) {}
    ~SendingThread() { stop(); }
    SendingThread(const SendingThread&) = delete;
    SendingThread& operator=(const SendingThread&) = delete;

    void start(Outbox<Attempt>& outbox) {
        outbox_ = &outbox;
        thread_ = std::thread([this] { run(); });
    }

    // Something may have fallen due. Any thread, cheap.
    void wake() {
        {
            const std::lock_guard lock(mutex_);
            woken_ = true;
        }
        changed_.notify_one();
    }

    // Begins nothing more and records what has ended; idempotent. What is under way must still end.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_one();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    // False when it is under way, or the receiver has as many as it may.
    bool begin(const std::string& key, const std::string& receiver) {
        const std::lock_guard lock(mutex_);
        const auto found = of_receiver_.find(receiver);
        if ((found != of_receiver_.end() && found->second >= of_receiver_max_) ||
            !under_way_.emplace(key, receiver).second) {
            return false;
        }
        ++of_receiver_[receiver];
        return true;
    }

    // Any thread.
    void ended(Attempt attempt) {
        const std::lock_guard lock(mutex_);
        ended_.push_back(std::move(attempt));
        woken_ = true;
        changed_.notify_one();
    }

private:
    // Between two looks: many requests that end together are one look.
    static constexpr std::chrono::milliseconds shortest_pause{20};
    static constexpr std::chrono::milliseconds longest_pause{5'000};

    void run() {
        std::unique_lock lock(mutex_);
        while (!stopping_ || !under_way_.empty()) {
            const bool begin = !stopping_;
            woken_ = false;
            lock.unlock();
            record();
            auto pause = longest_pause;
            if (begin) {
                outbox_->send_due();
                pause = until_next();
            }
            lock.lock();
            changed_.wait_for(lock, pause, [&] { return woken_ || (begin && stopping_); });
            if (woken_ && !stopping_) {
                lock.unlock();
                std::this_thread::sleep_for(shortest_pause);
                lock.lock();
            }
        }
        lock.unlock();
        record();
    }

    std::chrono::milliseconds until_next() {
        const auto next = outbox_->next_due();
        if (!next || !*next) {
            return longest_pause;
        }
        // What is due and was not sent waits for an answer of its receiver, which wakes this
        // thread.
        const std::chrono::milliseconds wait(**next - clock_.now_ms());
        return wait <= std::chrono::milliseconds(0)
                   ? longest_pause
                   : std::clamp(wait, shortest_pause, longest_pause);
    }

    void record() {
        std::vector<Attempt> ended;
        {
            const std::lock_guard lock(mutex_);
            ended.swap(ended_);
        }
        if (ended.empty()) {
            return;
        }
        const auto recorded = outbox_->record(ended);
        const std::lock_guard lock(mutex_);
        if (!recorded) {
            spdlog::warn("{}: {}", name_, recorded.error().detail);
            if (!stopping_) {
                // Under way until it is recorded, so that it is not sent again and again meanwhile.
                std::ranges::move(ended, std::back_inserter(ended_));
                return;
            }
        }
        for (const auto& attempt : ended) {
            const auto found = under_way_.find(key_of_(attempt));
            if (found == under_way_.end()) {
                continue;
            }
            const auto receiver = of_receiver_.find(found->second);
            if (receiver != of_receiver_.end() && --receiver->second == 0) {
                of_receiver_.erase(receiver);
            }
            under_way_.erase(found);
        }
    }

    const char* const name_;
    const cloudsign::Clock& clock_;
    std::string (*const key_of_)(const Attempt&);
    const unsigned of_receiver_max_;
    Outbox<Attempt>* outbox_ = nullptr;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    std::map<std::string, std::string> under_way_;  // key, receiver
    std::map<std::string, unsigned> of_receiver_;
    std::vector<Attempt> ended_;
    std::thread thread_;
};

}  // namespace server::push
