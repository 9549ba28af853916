#pragma once

#include <optional>

#include "hsm/base/result.h"
#include "hsm/protocol/occurrence.h"

namespace firmware::audit {

using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;
using hsm::protocol::Occurrence;

// Signatures that were made and that the host has not acknowledged: occurrence → index of the log
// record that holds the signature. Bounded: a host that never acknowledges is answered `busy`
// before anything is spent. Rebuilt at each start from the log and the notes in it.
template <std::size_t capacity>
class ResultTable {
public:
    bool has_room() const { return size_ < capacity; }
    std::size_t size() const { return size_; }

    // `busy` when full. An occurrence that is there already keeps its first index.
    Result<void> add(const Occurrence& key, std::uint64_t log_index) {
        if (position(key)) {
            return {};
        }
        if (size_ == capacity) {
            return Status::busy;
        }
        const auto place = free_ != none ? free_ : static_cast<Link>(fresh_++);
        auto& entry = entries_[place];
        if (place == free_) {
            free_ = entry.next;
        }
        auto& first = heads_[bucket(key)];
        entry = {key, log_index, first};
        first = place;
        ++size_;
        return {};
    }

    // `no_such_result`.
    Result<std::uint64_t> find(const Occurrence& key) const {
        const auto at = position(key);
        if (!at) {
            return Status::no_such_result;
        }
        return entries_[*at].log_index;
    }

    // `no_such_result`.
    Result<void> remove(const Occurrence& key) {
        auto* link = &heads_[bucket(key)];
        for (std::size_t steps = 0; *link != none && steps < capacity; ++steps) {
            auto& entry = entries_[*link];
            if (entry.key == key) {
                const auto place = *link;
                *link = entry.next;
                entry = {};
                entry.next = free_;
                free_ = place;
                --size_;
                return {};
            }
            link = &entry.next;
        }
        return Status::no_such_result;
    }

    // Is a result still waiting in a record up to this index?
    bool holds_up_to(std::uint64_t log_index) const {
        return std::ranges::any_of(entries_, [&](const Entry& entry) {
            return entry.log_index != 0 && entry.log_index <= log_index;
        });
    }

private:
    using Link = std::uint32_t;
    static constexpr Link none = UINT32_MAX;

    struct Entry {
        Occurrence key;
        std::uint64_t log_index = 0;  // log indexes begin at 1
        Link next = none;
    };

    // A challenge is a SHA-256 over 32 random bytes of the module: nobody chooses buckets.
    static std::size_t bucket(const Occurrence& key) {
        std::uint32_t word = key.leaf_index;
        for (std::size_t i = 0; i < sizeof word; ++i) {
            word += std::uint32_t{key.challenge[i]} << (8 * i);
        }
        return word % capacity;
    }

    std::optional<Link> position(const Occurrence& key) const {
        auto link = heads_[bucket(key)];
        for (std::size_t steps = 0; link != none && steps < capacity; ++steps) {
            if (entries_[link].key == key) {
                return link;
            }
            link = entries_[link].next;
        }
        return std::nullopt;
    }

    static constexpr std::array<Link, capacity> no_links() {
        std::array<Link, capacity> links{};
        for (auto& link : links) {
            link = none;
        }
        return links;
    }

    std::array<Entry, capacity> entries_{};
    std::array<Link, capacity> heads_ = no_links();
    std::size_t size_ = 0;
    std::size_t fresh_ = 0;  // places never used so far
    Link free_ = none;
};

// The note in the log that says an occurrence was acknowledged.
constexpr std::size_t acknowledged_note_size = 1 + hsm::protocol::occurrence_size;
std::array<hsm::Byte, acknowledged_note_size> acknowledged_note(const Occurrence& key);
Result<Occurrence> parse_acknowledged_note(ByteView note);  // `storage_corrupt`

}  // namespace firmware::audit
