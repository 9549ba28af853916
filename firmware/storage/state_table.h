#pragma once

#include "firmware/storage/sector_ring.h"

namespace firmware::storage {

constexpr std::size_t key_size_max = 40;
constexpr std::size_t value_size_max = 2048;

using Key = hsm::BoundedBytes<key_size_max>;
using Value = hsm::BoundedBytes<value_size_max>;

// What the RAM keeps of a key: where its newest record lies.
struct KeyEntry {
    std::uint32_t hash = 0;
    std::uint32_t size = 0;  // of the record, units and header included
    RecordPlace place;
};

// The store's own few numbers; each sector of the state ring begins with them.
struct StoreStatus {
    std::uint64_t released = 0;         // log records up to this index may go
    std::uint64_t resume_sequence = 0;  // log sector that a restart continued last,
    std::uint32_t resume_offset = 0;    // and where
};

// Small values under small keys, in a ring of sectors. Before the last free sector is used up, the
// live records of the oldest sector are copied into the new one; a new sector counts only once its
// status record, written after the copies, is whole. So any step may be the last before a power
// cut. The budget keeps so much room that a put which it allows always succeeds.
class StateTable final {
public:
    StateTable(FlashWriter& flash,
               std::uint32_t sector_count,
               std::span<SectorEntry> sectors,
               std::span<KeyEntry> keys);

    // Writes the first sector; the ring must hold none.
    Result<void> format(std::uint64_t salt);

    // Reads the whole ring. `storage_corrupt` when it holds no store, or a live record is damaged.
    Result<void> mount();

    // The sector without which whatever store is there cannot be mounted, if there is one.
    std::optional<std::uint32_t> oldest_sector();

    std::uint64_t salt() const { return salt_; }

    // As in LogStore.
    Result<ByteView> get(ByteView key, MutableBytes buffer);
    Result<void> put(ByteView key, ByteView value);
    Result<void> erase(ByteView key);
    Result<bool> next(ByteView prefix, std::size_t& cursor, Key& key, Value& value);

    const StoreStatus& status() const { return status_; }
    Result<void> set_status(const StoreStatus& status);

    Result<void> mark() { return ring_.mark(0); }

    std::uint32_t value_size_limit() const;
    std::uint32_t live_size_max() const;
    std::uint32_t live_size() const { return live_size_; }
    std::size_t key_count() const { return key_count_; }

private:
    Result<std::optional<std::size_t>> find(ByteView key);
    Result<void> apply(RecordPlace place, const RecordHeader& header, ByteView payload);
    Result<bool> mount_head();
    Result<bool> scan(std::uint64_t sequence);
    Result<void> store_status();
    Result<void> copy_live(std::uint64_t sequence);
    Result<void> open_next();
    Result<void> make_room(std::uint32_t length);
    void forget(std::size_t position);

    FlashWriter& flash_;
    SectorRing ring_;
    std::span<KeyEntry> keys_;
    std::size_t key_count_ = 0;
    std::uint32_t live_size_ = 0;
    std::uint64_t salt_ = 0;
    StoreStatus status_;
};

}  // namespace firmware::storage
