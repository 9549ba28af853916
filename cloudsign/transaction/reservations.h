#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cloudsign::transaction {

// Which transactions somebody is at work on at this moment. A guard against two requests at once,
// no more: what may be done at all stands in the database and in the module.
class Reservations {
public:
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
        if (!busy_.insert(transaction_id).second) {
            return std::nullopt;
        }
        return std::optional<Hold>(std::in_place, *this, transaction_id);
    }

private:
    void release(const std::string& id) {
        const std::lock_guard lock(mutex_);
        busy_.erase(id);
    }

    std::mutex mutex_;
    std::set<std::string> busy_;
};

}  // namespace cloudsign::transaction
