#include "firmware/storage/state_table.h"

#include "firmware/storage/crc32c.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::storage {
namespace {

constexpr std::uint32_t status_size = 20;

struct PutPayload {
    ByteView key;
    ByteView value;
};

// put: key length, key, value; drop: key length, key.
Result<PutPayload> parse_put(ByteView payload) {
    hsm::ByteReader reader(payload);
    TRY_ASSIGN(const auto key_size, reader.u8());
    TRY_ASSIGN(const auto key, reader.take(key_size));
    if (key.empty() || key.size() > key_size_max) {
        return Status::storage_corrupt;
    }
    return PutPayload{key, reader.rest()};
}

Result<StoreStatus> parse_status(ByteView payload) {
    hsm::ByteReader reader(payload);
    StoreStatus status;
    TRY_ASSIGN(status.released, reader.u64());
    TRY_ASSIGN(status.resume_sequence, reader.u64());
    TRY_ASSIGN(status.resume_offset, reader.u32());
    return status;
}

std::uint32_t hash_of(ByteView key) {
    return crc32c(0, key);
}

}  // namespace

StateTable::StateTable(FlashWriter& flash,
                       std::uint32_t sector_count,
                       std::span<SectorEntry> sectors,
                       std::span<KeyEntry> keys)
    : flash_(flash), ring_(flash, RingId::state, 0, sectors.first(sector_count)), keys_(keys) {}

std::uint32_t StateTable::value_size_limit() const {
    return std::min<std::uint32_t>(value_size_max, flash_.geometry().sector_size / 4);
}

// With n live sectors of at most this much in all, one of them holds at most the n-th part: turning
// the ring reaches it, and beside its copies a record of any size fits (FORMAT.md, capacity).
std::uint32_t StateTable::live_size_max() const {
    const auto capacity = flash_.geometry().sector_size - sector_header_size -
                          ring_.record_size(status_size) - ring_.mark_size();
    const auto record_size_max =
        ring_.record_size(1 + static_cast<std::uint32_t>(key_size_max) + value_size_limit());
    return (ring_.sector_count() - 1) * (capacity - record_size_max);
}

Result<void> StateTable::format(std::uint64_t salt) {
    salt_ = salt;
    key_count_ = 0;
    live_size_ = 0;
    status_ = {};
    ring_.start(salt);
    TRY(open_next());
    TRY(flash_.sync());
    return mark();
}

std::optional<std::uint32_t> StateTable::oldest_sector() {
    const auto salt = ring_.find_salt();
    if (!salt || !ring_.load(*salt)) {
        return std::nullopt;
    }
    return ring_.tail_sector();
}

// Finds the newest committed sector; false when the newest is not, and was forgotten.
Result<bool> StateTable::mount_head() {
    TRY(ring_.recover_head());
    RecordPlace place{ring_.head(), sector_header_size};
    for (;;) {
        auto record = ring_.read(place, {});
        if (!record && record.error() != Status::no_such_record) {
            return record.error();
        }
        if (!record) {
            TRY(ring_.drop_head());
            return false;
        }
        if (record->type == RecordType::status) {
            return true;
        }
        place = ring_.after(place, *record);
    }
}

Result<void> StateTable::mount() {
    key_count_ = 0;
    live_size_ = 0;
    status_ = {};
    TRY_ASSIGN(salt_, ring_.find_salt());
    TRY(ring_.load(salt_));
    TRY_ASSIGN(bool committed, mount_head());
    if (committed) {
        TRY(ring_.check_after_head());
    } else {
        TRY_ASSIGN(committed, mount_head());
        if (!committed) {
            return Status::storage_corrupt;
        }
    }
    for (auto sequence = ring_.tail(); sequence <= ring_.head(); ++sequence) {
        TRY_ASSIGN(const bool whole, scan(sequence));
        if (!whole) {
            return Status::storage_corrupt;
        }
    }
    // The head's free units may be torn though they read blank; the next sector is erased first.
    ring_.close();
    return {};
}

Result<bool> StateTable::scan(std::uint64_t sequence) {
    bool committed = false;
    RecordPlace place{sequence, sector_header_size};
    const auto scratch = flash_.scratch();
    for (;;) {
        auto record = ring_.read(place, scratch);
        if (!record) {
            if (record.error() == Status::no_such_record) {
                return committed;
            }
            return record.error();
        }
        if (record->length > scratch.size()) {
            return Status::storage_corrupt;
        }
        committed = committed || record->type == RecordType::status;
        TRY(apply(place, *record, scratch.first(record->length)));
        place = ring_.after(place, *record);
    }
}

Result<void> StateTable::apply(RecordPlace place, const RecordHeader& header, ByteView payload) {
    if (header.type == RecordType::mark) {
        return {};
    }
    if (header.type == RecordType::status) {
        TRY_ASSIGN(status_, parse_status(payload));
        return {};
    }
    if (header.type != RecordType::put && header.type != RecordType::drop) {
        return Status::storage_corrupt;
    }
    auto content = parse_put(payload);
    if (!content || content->value.size() > value_size_limit()) {
        return Status::storage_corrupt;
    }
    Key key;
    CHECK(key.assign(content->key));
    TRY_ASSIGN(const auto known, find(key));
    if (header.type == RecordType::drop) {
        if (known) {
            forget(*known);
        }
        return {};
    }
    const KeyEntry entry{hash_of(key), ring_.record_size(header.length), place};
    if (!known && key_count_ == keys_.size()) {
        return Status::storage_full;
    }
    const auto position = known ? *known : key_count_++;
    live_size_ += entry.size - (known ? keys_[position].size : 0);
    keys_[position] = entry;
    return {};
}

Result<std::optional<std::size_t>> StateTable::find(ByteView key) {
    const auto hash = hash_of(key);
    for (std::size_t i = 0; i < key_count_; ++i) {
        if (keys_[i].hash != hash) {
            continue;
        }
        TRY_ASSIGN(auto reader, ring_.open_record(keys_[i].place));
        std::array<Byte, 1 + key_size_max> start{};
        const auto size = std::min<std::size_t>(reader.remaining(), start.size());
        TRY(reader.take(MutableBytes(start).first(size)));
        TRY(reader.finish());
        if (start[0] == key.size() && size > key.size() &&
            hsm::equal(ByteView(start).subspan(1, key.size()), key)) {
            return std::optional(i);
        }
    }
    return std::optional<std::size_t>();
}

Result<ByteView> StateTable::get(ByteView key, MutableBytes buffer) {
    TRY_ASSIGN(const auto known, find(key));
    if (!known) {
        return Status::no_such_record;
    }
    TRY_ASSIGN(auto reader, ring_.open_record(keys_[*known].place));
    std::array<Byte, 1 + key_size_max> start{};
    TRY(reader.take(MutableBytes(start).first(1 + key.size())));
    const auto size = reader.remaining();
    if (size > buffer.size()) {
        return Status::malformed;
    }
    TRY(reader.take(buffer.first(size)));
    TRY(reader.finish());
    return ByteView(buffer.first(size));
}

Result<void> StateTable::put(ByteView key, ByteView value) {
    if (key.empty() || key.size() > key_size_max || value.size() > value_size_limit()) {
        return Status::malformed;
    }
    const auto length = static_cast<std::uint32_t>(1 + key.size() + value.size());
    const auto size = ring_.record_size(length);
    TRY_ASSIGN(const auto known, find(key));
    const auto replaced = known ? keys_[*known].size : 0;
    if ((!known && key_count_ == keys_.size()) || live_size_ - replaced + size > live_size_max()) {
        return Status::storage_full;
    }
    TRY(make_room(length));
    TRY_ASSIGN(const auto payload, ring_.begin(RecordType::put, 0, length));
    hsm::ByteWriter writer(payload);
    writer.u8(static_cast<std::uint8_t>(key.size()));
    writer.bytes(key);
    writer.bytes(value);
    CHECK(writer.ok());
    const auto position = known ? *known : key_count_++;
    live_size_ += size - replaced;
    keys_[position] = {hash_of(key), size, ring_.finish()};
    return {};
}

Result<void> StateTable::erase(ByteView key) {
    TRY_ASSIGN(const auto known, find(key));
    if (!known) {
        return {};
    }
    const auto length = static_cast<std::uint32_t>(1 + key.size());
    TRY(make_room(length));
    TRY_ASSIGN(const auto payload, ring_.begin(RecordType::drop, 0, length));
    hsm::ByteWriter writer(payload);
    writer.u8(static_cast<std::uint8_t>(key.size()));
    writer.bytes(key);
    CHECK(writer.ok());
    ring_.finish();
    forget(*known);
    return {};
}

Result<bool> StateTable::next(ByteView prefix, std::size_t& cursor, Key& key, Value& value) {
    for (; cursor < key_count_; ++cursor) {
        TRY_ASSIGN(auto reader, ring_.open_record(keys_[cursor].place));
        std::array<Byte, 1> key_size{};
        TRY(reader.take(key_size));
        key.clear();
        value.clear();
        if (key_size[0] > key_size_max || reader.remaining() - key_size[0] > value_size_max) {
            return Status::storage_corrupt;
        }
        TRY(reader.take(key.spare().first(key_size[0])));
        key.grow(key_size[0]);
        const auto size = reader.remaining();
        TRY(reader.take(value.spare().first(size)));
        value.grow(size);
        TRY(reader.finish());
        if (key.size() >= prefix.size() && hsm::equal(key.view().first(prefix.size()), prefix)) {
            ++cursor;
            return true;
        }
    }
    return false;
}

Result<void> StateTable::set_status(const StoreStatus& status) {
    status_ = status;
    TRY(make_room(status_size));
    return store_status();
}

Result<void> StateTable::store_status() {
    TRY_ASSIGN(const auto payload, ring_.begin(RecordType::status, 0, status_size));
    hsm::ByteWriter writer(payload);
    writer.u64(status_.released);
    writer.u64(status_.resume_sequence);
    writer.u32(status_.resume_offset);
    CHECK(writer.ok());
    ring_.finish();
    return {};
}

// A dropped key needs no copy of its drop record: whatever older record it hides lies in an older
// sector, which is gone before.
Result<void> StateTable::copy_live(std::uint64_t sequence) {
    for (auto& entry : keys_.first(key_count_)) {
        if (entry.place.sequence != sequence) {
            continue;
        }
        TRY_ASSIGN(auto reader, ring_.open_record(entry.place));
        const auto length = reader.remaining();
        TRY_ASSIGN(const auto payload, ring_.begin(RecordType::put, 0, length));
        TRY(reader.take(payload));
        TRY(reader.finish());
        entry.place = ring_.finish();
    }
    return {};
}

Result<void> StateTable::open_next() {
    const auto old_tail = ring_.tail();
    const bool last_free = ring_.free_count() == 1;
    TRY(ring_.open(last_free ? old_tail + 1 : old_tail, 0));
    if (last_free) {
        TRY(copy_live(old_tail));
    }
    return store_status();
}

Result<void> StateTable::make_room(std::uint32_t length) {
    for (std::uint32_t turn = 0; turn <= ring_.sector_count() && !ring_.fits(length); ++turn) {
        TRY(open_next());
    }
    if (!ring_.fits(length)) {
        return Status::storage_full;
    }
    return {};
}

void StateTable::forget(std::size_t position) {
    live_size_ -= keys_[position].size;
    keys_[position] = keys_[--key_count_];
}

}  // namespace firmware::storage
