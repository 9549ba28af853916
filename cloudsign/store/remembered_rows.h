#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "cloudsign/store/database.h"

// Inside cloudsign/store only.
namespace cloudsign::store {

// The rows of one kind that were read last. Any thread.
template <class Key, class Row, class Hash = std::hash<Key>>
class RememberedRows {
public:
    using Pointer = std::shared_ptr<const Row>;

    static constexpr std::size_t rows_max = 4096;

    explicit RememberedRows(std::chrono::milliseconds keep) : keep_(keep) {}

    // The row of `key`, which `read() -> Result<std::optional<Row>>` finds if it must; null when
    // there is none, which is not remembered.
    template <class Read>
    Result<Pointer> find(const Key& key, Read read) {
        // Before the row is read: a change in between makes what is remembered old at once.
        const auto changes = changes_.load();
        if (auto known = remembered(key, changes)) {
            return known;
        }
        TRY_ASSIGN(auto row, read());
        if (!row) {
            return Pointer();
        }
        auto found = std::make_shared<const Row>(*std::move(row));
        remember(key, found, changes);
        return found;
    }

    // A commit has changed rows of this kind; before anybody is told of that commit.
    void changed() { ++changes_; }

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Pointer row;
        std::uint64_t changes = 0;
        Clock::time_point until;
    };

    Pointer remembered(const Key& key, std::uint64_t changes) const {
        const std::lock_guard lock(mutex_);
        const auto found = rows_.find(key);
        const bool holds = found != rows_.end() && found->second.changes == changes &&
                           found->second.until > Clock::now();
        return holds ? found->second.row : nullptr;
    }

    void remember(const Key& key, Pointer row, std::uint64_t changes) {
        const auto now = Clock::now();
        const std::lock_guard lock(mutex_);
        if (rows_.size() >= rows_max) {
            std::erase_if(rows_, [&](const auto& entry) {
                return entry.second.until <= now || entry.second.changes != changes;
            });
        }
        if (rows_.size() >= rows_max) {
            rows_.clear();
        }
        rows_.insert_or_assign(key, Entry{std::move(row), changes, now + keep_});
    }

    const std::chrono::milliseconds keep_;
    std::atomic<std::uint64_t> changes_{0};
    mutable std::mutex mutex_;
    std::unordered_map<Key, Entry, Hash> rows_;
};

}  // namespace cloudsign::store
