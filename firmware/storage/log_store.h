#pragma once

#include "firmware/storage/state_table.h"

namespace firmware::storage {

constexpr std::size_t log_record_size_max = 4096;
constexpr std::size_t note_size_max = 256;

// Smallest geometry that a store works on: two sectors for the table, three for the log.
constexpr std::uint32_t sector_size_min = 4096;
constexpr std::uint32_t sector_count_min = 5;

// What a start needs to see again. Called in the order of writing; an error ends the mount with it.
// Must not call the store.
class LogVisitor {
public:
    virtual Result<void> log_record(std::uint64_t index, ByteView record) = 0;
    virtual Result<void> note(ByteView note) = 0;

protected:
    ~LogVisitor() = default;
};

// The store's working memory, owned by the caller. An image chooses the sizes:
// LogStoreMemory<4096, 1024, 65536> on Linux, LogStoreMemory<64, 128, 4352> on a board. A small
// buffer costs more programs, never correctness.
struct LogStoreSpans {
    std::span<SectorEntry> sectors;
    std::span<KeyEntry> keys;
    MutableBytes buffer;
};

template <std::size_t sectors_max, std::size_t keys_max, std::size_t buffer_size>
class LogStoreMemory {
public:
    static_assert(sectors_max >= sector_count_min);
    static_assert(buffer_size >= log_record_size_max + 2 * record_header_size);
    static_assert(buffer_size >= record_header_size + 1 + key_size_max + value_size_max);
    static_assert(buffer_size % 16 == 0, "whole program units");

    LogStoreSpans spans() { return {sectors_, keys_, buffer_}; }

private:
    std::array<SectorEntry, sectors_max> sectors_{};
    std::array<KeyEntry, keys_max> keys_{};
    std::array<Byte, buffer_size> buffer_{};
};

// The module's durable memory: an append-only log with consecutive indexes, notes between its
// records, and a table of small values, in NOR flash or a file like it, safe against a power cut in
// any operation. FORMAT.md is the specification.
//
// What is appended or put is visible at once and durable after `sync`; a cut before leaves each
// value old or new, and of the log a beginning of what was appended. What was durable and is
// damaged answers `storage_corrupt`, at mount or when read. After an error of the flash in a write
// every later write answers `storage_failed`: only a new mount tells what is there.
//
// One thread. Not movable, so that it can be a member of what owns flash and memory.
class LogStore final {
public:
    // Of the geometry's sectors an eighth, 3 to 64, hold the table, the rest the log; of fewer than
    // 8 sectors, two hold the table.
    // `configuration_wrong` from format and mount when the geometry does not fit memory or limits.
    LogStore(hal::Flash& flash, LogStoreSpans memory);

    LogStore(const LogStore&) = delete;
    LogStore& operator=(const LogStore&) = delete;

    // True when nothing was ever stored here: a new flash, one whose first format did not come to
    // its end, or a store never written to. Only such a flash may be formatted without anybody
    // asking: any other that does not mount was damaged.
    static Result<bool> is_unformatted(hal::Flash& flash);

    // Makes an empty store of whatever is there, and mounts it. After a cut in between, mount
    // answers `storage_corrupt`, or finds an empty store; never the old one. `salt` is random:
    // it keeps old or foreign bytes from being taken for records. Old contents are not overwritten
    // before their sector is used again.
    Result<void> format(std::uint64_t salt);

    // Finds and checks everything that lives. The visitor sees the log from the first unreleased
    // record on, or, when all are released, from the newest; and each note after that record.
    // Writes nothing. Time: one pass over the live sectors.
    Result<void> mount(LogVisitor& visitor);

    // Appends a record of 1 to log_record_size_limit bytes and answers its index: 1, 2, 3, …
    // `log_full`, and nothing changed, until older records are released; `malformed` for the size.
    Result<std::uint64_t> append_log(ByteView record);

    // Appends bytes without an index (1 to note_size_max), to be seen by the visitor of a later
    // mount. A note goes when the log record before it goes, but may outlive its usefulness:
    // reading it twice must do no harm. `log_full` later than append_log.
    Result<void> append_note(ByteView note);

    // `no_such_record` outside [first_log_index, next_log_index); `malformed` when the buffer is
    // shorter than the record. Reading upwards costs one record each; a jump costs one sector.
    Result<ByteView> read_log(std::uint64_t index, MutableBytes buffer);

    // The oldest record that can still be read; released ones stay until their sector is reused.
    std::uint64_t first_log_index() const;
    std::uint64_t next_log_index() const { return next_index_; }

    // The records up to `index` have been exported and may go, whole sectors at a time; durable,
    // like a put, after sync. Never falls: a lower index changes nothing. The newest record stays
    // readable. `no_such_record` for an index not yet given.
    Result<void> release_log(std::uint64_t index);
    std::uint64_t released_log_index() const { return state_.status().released; }

    // The value of `key` in `buffer`; `no_such_record`, or `malformed` when the buffer is short. Of
    // a store that is not mounted: why it is not.
    Result<ByteView> get(ByteView key, MutableBytes buffer);

    // Keys of 1 to key_size_max, values of 0 to value_size_limit bytes, else `malformed`.
    // `storage_full` when the table's keys or bytes are used up: never because of the log.
    Result<void> put(ByteView key, ByteView value);

    // An absent key is no error.
    Result<void> erase(ByteView key);

    // The next entry whose key begins with `prefix`, in no particular order; false after the last.
    // `cursor` begins at 0 and is void after a put or an erase.
    Result<bool> next_entry(ByteView prefix, std::size_t& cursor, Key& key, Value& value);

    // How often a value was put or erased since the mount: while it stays, so does a cursor.
    std::uint64_t entry_changes() const { return entry_changes_; }

    // Returns when everything before is durable.
    Result<void> sync();

    // Limits and use, for whoever reports them. Below 4,096 and 2,048 only on small sectors.
    std::uint32_t log_record_size_limit() const;
    std::uint32_t value_size_limit() const { return state_.value_size_limit(); }
    std::uint32_t log_sector_count() const { return log_.sector_count(); }
    std::uint32_t log_sectors_free() const { return log_.free_count(); }

    // Bytes of log that append_log still takes, and takes when everything is released: records,
    // headers and marks, and what is lost where a record does not fit at the end of a sector.
    // While it is twice the largest record, append_log does not answer log_full.
    std::uint32_t log_room() const;
    std::uint32_t log_room_max() const { return (log_.sector_count() - 1) * log_.sector_room(); }
    std::size_t key_count() const { return state_.key_count(); }
    std::uint32_t state_size() const { return state_.live_size(); }
    std::uint32_t state_size_max() const { return state_.live_size_max(); }

private:
    enum class SectorReserve : std::uint32_t { none = 0, one = 1 };

    Result<void> check_configuration() const;
    Result<void> invalidate_old();
    Result<void> mount_parts(LogVisitor& visitor);
    Result<void> mount_log(LogVisitor& visitor);
    Result<void> count_head();
    Result<void> visit_sector(std::uint64_t sequence, LogVisitor& visitor);
    std::uint64_t first_kept_index() const;
    void advance_tail();
    Result<void> make_log_room(std::uint32_t length, SectorReserve reserve);
    Result<void> append(RecordType type, ByteView payload, SectorReserve reserve);
    std::uint64_t sector_of(std::uint64_t index) const;
    Result<void> writable() const;

    // Passes a write's result on, and ends writing after an error of the flash.
    template <class T>
    Result<T> guard(Result<T> result) {
        if (!result && (result.error() == Status::storage_failed ||
                        result.error() == Status::storage_corrupt)) {
            failed_ = true;
        }
        return result;
    }

    hal::Flash& device_;
    LogStoreSpans memory_;
    FlashWriter flash_;
    StateTable state_;
    SectorRing log_;
    std::uint64_t next_index_ = 1;
    std::uint64_t synced_index_ = 1;  // the next index when the log was last durable
    RecordPlace next_read_;           // where the record next_read_index_ begins or is looked for
    std::uint64_t next_read_index_ = 0;
    std::uint64_t entry_changes_ = 0;
    bool dirty_ = false;
    bool mounted_ = false;
    hsm::Status mount_error_ = hsm::Status::storage_failed;
    bool failed_ = false;
};

}  // namespace firmware::storage
