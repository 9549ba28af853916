#include "firmware/storage/log_store.h"

namespace firmware::storage {
namespace {

std::uint32_t state_sector_count(std::uint32_t sector_count) {
    constexpr std::uint32_t few = 8;
    return sector_count < few ? 2 : std::clamp<std::uint32_t>(sector_count / 8, 3, 64);
}

// A geometry that check_configuration refuses must not trip over the spans before.
std::uint32_t usable_sector_count(hal::Flash& flash, const LogStoreSpans& memory) {
    CHECK(memory.sectors.size() >= sector_count_min);
    return static_cast<std::uint32_t>(std::clamp<std::size_t>(
        flash.geometry().sector_count, sector_count_min, memory.sectors.size()));
}

Result<bool> never_opened(hal::Flash& flash, std::uint32_t sector) {
    SectorHeaderBytes header{};
    const auto read = flash.read(sector * flash.geometry().sector_size, header);
    if (!read && read.error() != Status::storage_corrupt) {
        return read.error();
    }
    return read && std::ranges::all_of(header, [](Byte byte) { return byte == 0xff; });
}

class NobodyVisits final : public LogVisitor {
public:
    Result<void> log_record(std::uint64_t, ByteView) override { return {}; }
    Result<void> note(ByteView) override { return {}; }
};

}  // namespace

LogStore::LogStore(hal::Flash& flash, LogStoreSpans memory)
    : device_(flash),
      memory_(memory),
      flash_(flash, memory.buffer),
      state_(flash_,
             state_sector_count(usable_sector_count(flash, memory)),
             memory.sectors,
             memory.keys),
      log_(flash_,
           RingId::log,
           state_sector_count(usable_sector_count(flash, memory)),
           memory.sectors.first(usable_sector_count(flash, memory))
               .subspan(state_sector_count(usable_sector_count(flash, memory)))) {}

Result<void> LogStore::check_configuration() const {
    const auto geometry = device_.geometry();
    const bool unit_fits = geometry.program_unit == 8 || geometry.program_unit == 16;
    if (!unit_fits || geometry.sector_size < sector_size_min || geometry.sector_size % 256 != 0 ||
        geometry.sector_count < sector_count_min ||
        geometry.sector_count > memory_.sectors.size() ||
        geometry.sector_size > UINT32_MAX / geometry.sector_count) {
        return Status::configuration_wrong;
    }
    return {};
}

Result<bool> LogStore::is_unformatted(hal::Flash& flash) {
    const auto geometry = flash.geometry();
    for (std::uint32_t sector = 1; sector < geometry.sector_count; ++sector) {
        TRY_ASSIGN(const bool blank, never_opened(flash, sector));
        if (!blank) {
            return false;
        }
    }
    // The first sector is no proof: the first write after the mount of a new store opens another.
    return true;
}

// Erases what a mount could find, the oldest state first: without it there is no store to mount, so
// that a cut in between cannot bring back an older state.
Result<void> LogStore::invalidate_old() {
    const auto geometry = device_.geometry();
    if (const auto oldest = state_.oldest_sector()) {
        TRY(device_.erase(*oldest));
        TRY(device_.sync());
    }
    for (std::uint32_t sector = 0; sector < geometry.sector_count; ++sector) {
        TRY_ASSIGN(const bool blank, never_opened(device_, sector));
        if (!blank) {
            TRY(device_.erase(sector));
        }
    }
    return device_.sync();
}

Result<void> LogStore::format(std::uint64_t salt) {
    TRY(check_configuration());
    mounted_ = false;
    TRY(invalidate_old());
    TRY(state_.format(salt));
    NobodyVisits nobody;
    return mount(nobody);
}

Result<void> LogStore::mount(LogVisitor& visitor) {
    TRY(check_configuration());
    mounted_ = false;
    failed_ = false;
    dirty_ = false;
    const auto mounted = mount_parts(visitor);
    mounted_ = mounted.has_value();
    if (!mounted) {
        mount_error_ = mounted.error();
    }
    return mounted;
}

Result<void> LogStore::mount_parts(LogVisitor& visitor) {
    // What a process wrote before it was killed is in the file but perhaps not on the disk; from
    // here on it is relied upon.
    TRY(device_.sync());
    TRY(state_.mount());
    return mount_log(visitor);
}

Result<void> LogStore::mount_log(LogVisitor& visitor) {
    next_index_ = 1;
    next_read_index_ = 0;
    TRY(log_.load(state_.salt()));
    TRY(log_.check_after_head());
    if (!log_.empty()) {
        TRY(log_.recover_head());
        TRY(count_head());
    }
    const auto& status = state_.status();
    synced_index_ = next_index_;
    if (status.released >= next_index_) {
        return Status::storage_corrupt;
    }
    if (log_.empty()) {
        return {};
    }
    const auto kept = first_kept_index();
    auto tail = log_.head();
    for (;; --tail) {
        TRY_ASSIGN(const auto sector, log_.sector(tail));
        if (sector.first_index <= kept) {
            break;
        }
        if (tail == 1 || log_.head() - tail + 1 >= log_.sector_count()) {
            return Status::storage_corrupt;
        }
    }
    log_.set_tail(tail);
    for (auto sequence = tail; sequence <= log_.head(); ++sequence) {
        TRY(visit_sector(sequence, visitor));
    }
    if (log_.continued()) {
        const bool again = status.resume_sequence == log_.head();
        log_.skip(again ? status.resume_offset : 0);
    }
    return {};
}

Result<void> LogStore::count_head() {
    TRY_ASSIGN(const auto sector, log_.sector(log_.head()));
    next_index_ = sector.first_index;
    RecordPlace place{log_.head(), sector_header_size};
    for (;;) {
        auto record = log_.read(place, {});
        if (!record) {
            break;
        }
        if (record->type == RecordType::log) {
            ++next_index_;
        }
        place = log_.after(place, *record);
    }
    return next_index_ == 0 ? Result<void>(Status::storage_corrupt) : Result<void>();
}

Result<void> LogStore::visit_sector(std::uint64_t sequence, LogVisitor& visitor) {
    TRY_ASSIGN(const auto sector, log_.sector(sequence));
    const auto kept = first_kept_index();
    const auto scratch = flash_.scratch();
    auto index = sector.first_index;
    RecordPlace place{sequence, sector_header_size};
    for (;;) {
        auto record = log_.read(place, scratch);
        if (!record) {
            if (record.error() != Status::no_such_record) {
                return record.error();
            }
            break;
        }
        if (record->length > scratch.size() || record->number != index) {
            return Status::storage_corrupt;
        }
        const auto payload = scratch.first(record->length);
        if (record->type == RecordType::log) {
            if (index >= kept) {
                TRY(visitor.log_record(index, payload));
            }
            ++index;
        } else if (record->type == RecordType::note) {
            if (index > kept) {
                TRY(visitor.note(payload));
            }
        } else if (record->type != RecordType::mark) {
            return Status::storage_corrupt;
        }
        place = log_.after(place, *record);
    }
    if (sequence == log_.head()) {
        return {};
    }
    TRY_ASSIGN(const auto next, log_.sector(sequence + 1));
    return next.first_index == index ? Result<void>() : Result<void>(Status::storage_corrupt);
}

// The newest record stays, so that a start finds the end of the chain.
std::uint64_t LogStore::first_kept_index() const {
    const auto newest = next_index_ - 1;
    return std::max<std::uint64_t>(1, std::min(state_.status().released + 1, newest));
}

void LogStore::advance_tail() {
    const auto kept = first_kept_index();
    while (log_.tail() < log_.head()) {
        const auto next = log_.sector(log_.tail() + 1);
        if (!next || next->first_index > kept) {
            return;
        }
        log_.set_tail(log_.tail() + 1);
    }
}

Result<void> LogStore::writable() const {
    CHECK(mounted_);
    if (failed_) {
        return Status::storage_failed;
    }
    return {};
}

Result<void> LogStore::make_log_room(std::uint32_t length, SectorReserve reserve) {
    if (!log_.fits(length)) {
        advance_tail();
        if (log_.free_count() <= static_cast<std::uint32_t>(reserve)) {
            return Status::log_full;
        }
        return log_.open(log_.empty() ? 1 : log_.tail(), next_index_);
    }
    if (!log_.continued()) {
        return {};
    }
    // Said before it is tried: should power fail in it, the next start must not try it again.
    auto status = state_.status();
    status.resume_sequence = log_.head();
    status.resume_offset = log_.position();
    TRY(state_.set_status(status));
    TRY(flash_.sync());
    log_.continue_head();
    return {};
}

Result<void> LogStore::append(RecordType type, ByteView payload, SectorReserve reserve) {
    const auto length = static_cast<std::uint32_t>(payload.size());
    TRY(make_log_room(length, reserve));
    TRY_ASSIGN(const auto room, log_.begin(type, next_index_, length));
    std::ranges::copy(payload, room.begin());
    log_.finish();
    dirty_ = true;
    return {};
}

Result<std::uint64_t> LogStore::append_log(ByteView record) {
    TRY(writable());
    if (record.empty() || record.size() > log_record_size_limit()) {
        return Status::malformed;
    }
    TRY(guard(append(RecordType::log, record, SectorReserve::one)));
    return next_index_++;
}

Result<void> LogStore::append_note(ByteView note) {
    TRY(writable());
    if (note.empty() || note.size() > note_size_max) {
        return Status::malformed;
    }
    return guard(append(RecordType::note, note, SectorReserve::none));
}

// The newest live sector that begins at or before `index`.
std::uint64_t LogStore::sector_of(std::uint64_t index) const {
    auto low = log_.tail();
    auto high = log_.head();
    while (low < high) {
        const auto middle = high - (high - low) / 2;
        const auto sector = log_.sector(middle);
        if (sector && sector->first_index <= index) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

std::uint64_t LogStore::first_log_index() const {
    if (log_.empty()) {
        return 1;
    }
    const auto sector = log_.sector(log_.tail());
    CHECK(sector.has_value());
    return sector->first_index;
}

Result<ByteView> LogStore::read_log(std::uint64_t index, MutableBytes buffer) {
    CHECK(mounted_);
    if (index < first_log_index() || index >= next_index_) {
        return Status::no_such_record;
    }
    auto place = next_read_;
    if (next_read_index_ != index || place.sequence < log_.tail()) {
        place = {sector_of(index), sector_header_size};
    }
    for (;;) {
        auto record = log_.read(place, buffer);
        if (!record && record.error() == Status::no_such_record && place.sequence < log_.head()) {
            place = {place.sequence + 1, sector_header_size};
            continue;
        }
        if (!record) {
            return record.error() == Status::no_such_record ? Status::storage_corrupt
                                                            : record.error();
        }
        const auto here = place;
        place = log_.after(here, *record);
        if (record->type != RecordType::log || record->number < index) {
            continue;
        }
        if (record->number != index) {
            return Status::storage_corrupt;
        }
        if (record->length > buffer.size()) {
            return Status::malformed;
        }
        next_read_ = place;
        next_read_index_ = index + 1;
        return ByteView(buffer.first(record->length));
    }
}

Result<void> LogStore::release_log(std::uint64_t index) {
    TRY(writable());
    if (index >= next_index_) {
        return Status::no_such_record;
    }
    if (index <= state_.status().released) {
        return {};
    }
    // The pointer must never be durable before what it points to.
    if (index >= synced_index_) {
        TRY(sync());
    }
    auto status = state_.status();
    status.released = index;
    dirty_ = true;
    TRY(guard(state_.set_status(status)));
    advance_tail();
    return {};
}

Result<ByteView> LogStore::get(ByteView key, MutableBytes buffer) {
    if (!mounted_) {
        return mount_error_;
    }
    return state_.get(key, buffer);
}

Result<void> LogStore::put(ByteView key, ByteView value) {
    TRY(writable());
    dirty_ = true;
    ++entry_changes_;
    return guard(state_.put(key, value));
}

Result<void> LogStore::erase(ByteView key) {
    TRY(writable());
    dirty_ = true;
    ++entry_changes_;
    return guard(state_.erase(key));
}

Result<bool> LogStore::next_entry(ByteView prefix, std::size_t& cursor, Key& key, Value& value) {
    CHECK(mounted_);
    return state_.next(prefix, cursor, key, value);
}

Result<void> LogStore::sync() {
    TRY(writable());
    if (!dirty_) {
        return {};
    }
    TRY(guard(flash_.sync()));
    TRY(guard(log_.mark(next_index_)));
    TRY(guard(state_.mark()));
    dirty_ = false;
    synced_index_ = next_index_;
    return {};
}

std::uint32_t LogStore::log_room() const {
    const auto free = log_.free_count();
    // The last free sector is for notes.
    return log_.room() + (free > 1 ? (free - 1) * log_.sector_room() : 0);
}

std::uint32_t LogStore::log_record_size_limit() const {
    const auto overhead = sector_header_size + record_header_size + 2 * log_.mark_size();
    return std::min<std::uint32_t>(log_record_size_max, device_.geometry().sector_size - overhead);
}

}  // namespace firmware::storage
