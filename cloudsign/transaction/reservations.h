#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "hsm/sync/latch.h"

namespace cloudsign::transaction {

// Which transactions (or requests, by a name of theirs) somebody is at work on at this moment. A
// guard against two at once, no more: what may be done at all stands in the database and in the
// module.
class Reservations {
public:
    explicit Reservations(std::size_t waiting_max = 64) : waiting_max_(waiting_max) {}

    // Held for as long as it lives.
    class Hold {
    public:
        Hold(Reservations& owner, std::string id) : owner_(&owner), id_(std::move(id)) {}
        Hold(Hold&& other) noexcept
            : owner_(std::exchange(other.owner_, nullptr)), id_(std::move(other.id_)) {}
        Hold& operator=(Hold&&) = delete;
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold() {
            if (owner_ != nullptr) {
                owner_->release(id_);
            }
        }

    private:
        Reservations* owner_;
        std::string id_;
    };

    // Nothing when somebody else has it now.
    std::optional<Hold> try_hold(const std::string& transaction_id) {
        const std::lock_guard lock(mutex_);
        if (!busy_.try_emplace(transaction_id).second) {
            return std::nullopt;
        }
        return std::optional<Hold>(std::in_place, *this, transaction_id);
    }

    // Parks until those who came before are done. Nothing when too many wait already, or when it
    // took so long that whoever asked has hardly stayed; then all behind give up as fast.
    std::optional<Hold> hold(const std::string& transaction_id) {
        const auto began = Clock::now();
        hsm::sync::Latch turn;
        {
            const std::lock_guard lock(mutex_);
            const auto [found, free] = busy_.try_emplace(transaction_id);
            if (free) {
                turn.count_down();
            } else if (found->second.size() < waiting_max_) {
                found->second.push_back(&turn);
            } else {
                return std::nullopt;
            }
        }
        turn.wait();
        std::optional<Hold> mine(std::in_place, *this, transaction_id);
        if (Clock::now() - began > patience) {
            mine.reset();
        }
        return mine;
    }

private:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds patience{20};

    // Hands over to the next, if somebody waits.
    void release(const std::string& id) {
        hsm::sync::Latch* next = nullptr;
        {
            const std::lock_guard lock(mutex_);
            const auto found = busy_.find(id);
            if (found->second.empty()) {
                busy_.erase(found);
                return;
            }
            next = found->second.front();
            found->second.pop_front();
        }
        next->count_down();
    }

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::map<std::string, std::deque<hsm::sync::Latch*>> busy_;  // with those who wait
};

}  // namespace cloudsign::transaction
