#include "firmware/storage/sector_ring.h"

#include "firmware/storage/crc32c.h"

namespace firmware::storage {
namespace {

constexpr std::uint32_t hole_max = 255;  // units; RecordHeader::hole is one byte
constexpr std::size_t chunk_size = 256;
constexpr Byte blank = 0xff;

bool is_blank(ByteView bytes) {
    return std::ranges::all_of(bytes, [](Byte byte) { return byte == blank; });
}

}  // namespace

Result<void> RecordReader::take(MutableBytes into) {
    if (into.size() > remaining_) {
        return Status::storage_corrupt;
    }
    TRY(flash_->read(offset_, into));
    crc_ = crc32c(crc_, into);
    offset_ += static_cast<std::uint32_t>(into.size());
    remaining_ -= static_cast<std::uint32_t>(into.size());
    return {};
}

Result<void> RecordReader::finish() {
    std::array<Byte, chunk_size> chunk{};
    while (remaining_ != 0) {
        TRY(take(MutableBytes(chunk).first(std::min<std::size_t>(remaining_, chunk.size()))));
    }
    if (crc_ != header_.crc) {
        return Status::storage_corrupt;
    }
    return {};
}

SectorRing::SectorRing(FlashWriter& flash,
                       RingId id,
                       std::uint32_t first_sector,
                       std::span<SectorEntry> sectors)
    : flash_(flash),
      id_(id),
      first_sector_(first_sector),
      sectors_(sectors),
      geometry_(flash.geometry()) {}

Result<std::optional<SectorHeader>> SectorRing::read_header(std::uint32_t slot) const {
    SectorHeaderBytes bytes{};
    const auto read = flash_.read(flash_offset(slot, 0), bytes);
    if (!read && read.error() != Status::storage_corrupt) {
        return read.error();
    }
    return read ? decode_sector_header(bytes) : std::optional<SectorHeader>();
}

std::optional<SectorHeader> SectorRing::valid_header(const std::optional<SectorHeader>& header,
                                                     std::uint32_t slot) const {
    if (!header || header->ring != id_ || header->geometry != geometry_ || header->sequence == 0 ||
        slot_of(header->sequence) != slot || header->tail == 0 || header->tail > header->sequence ||
        header->sequence - header->tail >= sectors_.size() ||
        header->previous_end > geometry_.sector_size) {
        return std::nullopt;
    }
    return header;
}

Result<std::uint64_t> SectorRing::find_salt() {
    std::uint64_t newest = 0;
    std::uint64_t salt = 0;
    for (std::uint32_t slot = 0; slot < sectors_.size(); ++slot) {
        TRY_ASSIGN(const auto found, read_header(slot));
        const auto header = valid_header(found, slot);
        if (header && header->sequence > newest) {
            newest = header->sequence;
            salt = header->salt;
        }
    }
    if (newest == 0) {
        return Status::storage_corrupt;
    }
    return salt;
}

void SectorRing::start(std::uint64_t salt) {
    salt_ = salt;
    head_ = 0;
    tail_ = 1;
    position_ = 0;
    closed_ = true;
    continued_ = false;
    unmarked_ = false;
    std::ranges::fill(sectors_, SectorEntry{});
}

Result<void> SectorRing::load(std::uint64_t salt) {
    start(salt);
    for (std::uint32_t slot = 0; slot < sectors_.size(); ++slot) {
        TRY_ASSIGN(const auto found, read_header(slot));
        const auto header = valid_header(found, slot);
        if (!header || header->salt != salt) {
            continue;
        }
        sectors_[slot].sequence = header->sequence;
        sectors_[slot].first_index = header->first_index;
        if (header->sequence > head_) {
            head_ = header->sequence;
            tail_ = header->tail;
        }
    }
    for (std::uint32_t slot = 0; slot < sectors_.size(); ++slot) {
        TRY_ASSIGN(const auto found, read_header(slot));
        const auto sequence = sectors_[slot].sequence;
        if (sequence < 2 || !found) {
            continue;
        }
        auto& previous = sectors_[slot_of(sequence - 1)];
        if (previous.sequence == sequence - 1) {
            previous.end = found->previous_end;
        }
    }
    return {};
}

Result<void> SectorRing::drop_head() {
    sectors_[slot_of(head_)] = SectorEntry{};
    --head_;
    if (head_ == 0 || sectors_[slot_of(head_)].sequence != head_) {
        return Status::storage_corrupt;
    }
    TRY_ASSIGN(const auto header, read_header(slot_of(head_)));
    if (!header) {
        return Status::storage_corrupt;
    }
    tail_ = header->tail;
    return {};
}

Result<void> SectorRing::recover_head() {
    auto& entry = sectors_[slot_of(head_)];
    entry.end = geometry_.sector_size;
    RecordPlace place{head_, sector_header_size};
    // Each turn passes at least one record header, so a sector has only so many of them.
    for (;;) {
        auto record = read(place, {});
        if (!record) {
            if (record.error() != Status::storage_corrupt &&
                record.error() != Status::no_such_record) {
                return record.error();
            }
            break;
        }
        place = after(place, *record);
    }
    entry.end = std::min(place.offset, geometry_.sector_size);
    position_ = entry.end;
    TRY_ASSIGN(const bool clean, blank_from(slot_of(head_), entry.end));
    if (!clean) {
        TRY_ASSIGN(const bool marked, marked_from(head_, entry.end));
        if (marked) {
            return Status::storage_corrupt;
        }
    }
    closed_ = !clean;
    continued_ = clean;
    return {};
}

Result<void> SectorRing::check_after_head() {
    const auto next = slot_of(head_ + 1);
    TRY_ASSIGN(const auto header, read_header(next));
    if (header) {
        return {};
    }
    TRY_ASSIGN(const bool clean, blank_from(next, 0));
    if (clean) {
        return {};
    }
    TRY_ASSIGN(const bool marked, marked_from(head_ + 1, sector_header_size));
    if (marked) {
        return Status::storage_corrupt;
    }
    return {};
}

Result<SectorEntry> SectorRing::sector(std::uint64_t sequence) const {
    const auto& entry = sectors_[slot_of(sequence)];
    if (entry.sequence != sequence) {
        return Status::storage_corrupt;
    }
    return entry;
}

RecordPlace SectorRing::after(RecordPlace place, const RecordHeader& header) const {
    return {place.sequence, place.offset + record_size(header.length)};
}

Result<RecordReader> SectorRing::open_record(RecordPlace place) {
    const auto end = sectors_[slot_of(place.sequence)].end;
    if (place.offset + record_header_size > end) {
        return Status::storage_corrupt;
    }
    RecordHeaderBytes bytes{};
    const auto offset = flash_offset(slot_of(place.sequence), place.offset);
    TRY(flash_.read(offset, bytes));
    const auto header = decode_record_header(bytes);
    if (!header || record_size(header->length) > end - place.offset) {
        return Status::storage_corrupt;
    }
    const auto seed = record_crc_seed(salt_, place.sequence, place.offset);
    return RecordReader(
        flash_, offset + record_header_size, *header, record_crc_header(seed, bytes));
}

Result<RecordHeader> SectorRing::read_here(RecordPlace place, MutableBytes payload) {
    TRY_ASSIGN(auto reader, open_record(place));
    const auto length = reader.remaining();
    if (length <= payload.size()) {
        TRY(reader.take(payload.first(length)));
    }
    TRY(reader.finish());
    return reader.header();
}

Result<RecordHeader> SectorRing::read(RecordPlace& place, MutableBytes payload) {
    TRY_ASSIGN(const auto entry, sector(place.sequence));
    if (place.offset >= entry.end) {
        return Status::no_such_record;
    }
    auto here = read_here(place, payload);
    if (here || here.error() != Status::storage_corrupt) {
        return here;
    }
    for (std::uint32_t hole = 1; hole <= hole_max; ++hole) {
        const RecordPlace beyond{place.sequence, place.offset + hole * geometry_.program_unit};
        if (beyond.offset + record_header_size > entry.end) {
            break;
        }
        auto found = read_here(beyond, payload);
        if (found && found->hole == hole) {
            place = beyond;
            return found;
        }
        if (!found && found.error() != Status::storage_corrupt) {
            return found;
        }
    }
    return Status::storage_corrupt;
}

Result<bool> SectorRing::blank_from(std::uint32_t slot, std::uint32_t offset) const {
    std::array<Byte, chunk_size> chunk{};
    while (offset < geometry_.sector_size) {
        const auto size = std::min<std::size_t>(chunk.size(), geometry_.sector_size - offset);
        const auto part = MutableBytes(chunk).first(size);
        const auto read = flash_.read(flash_offset(slot, offset), part);
        if (!read && read.error() != Status::storage_corrupt) {
            return read.error();
        }
        if (!read || !is_blank(part)) {
            return false;
        }
        offset += static_cast<std::uint32_t>(size);
    }
    return true;
}

// Is there a mark of this use of the sector, at `offset` or beyond?
Result<bool> SectorRing::marked_from(std::uint64_t sequence, std::uint32_t offset) {
    offset = round_up(offset, geometry_.program_unit);
    for (; offset + record_header_size <= geometry_.sector_size; offset += geometry_.program_unit) {
        RecordHeaderBytes bytes{};
        const auto read = flash_.read(flash_offset(slot_of(sequence), offset), bytes);
        if (!read && read.error() != Status::storage_corrupt) {
            return read.error();
        }
        const auto header = read ? decode_record_header(bytes) : std::optional<RecordHeader>();
        if (!header || header->type != RecordType::mark || header->length != 0) {
            continue;
        }
        const auto seed = record_crc_seed(salt_, sequence, offset);
        if (record_crc_header(seed, bytes) == header->crc) {
            return true;
        }
    }
    return false;
}

std::uint32_t SectorRing::record_size(std::uint32_t length) const {
    return round_up(record_header_size + length, geometry_.program_unit);
}

bool SectorRing::fits(std::uint32_t length) const {
    return !closed_ && position_ + record_size(length) + mark_size() <= geometry_.sector_size;
}

std::uint32_t SectorRing::room() const {
    const auto used = position_ + mark_size();
    return closed_ || used >= geometry_.sector_size ? 0 : geometry_.sector_size - used;
}

void SectorRing::skip(std::uint32_t attempted) {
    const auto end = sectors_[slot_of(head_)].end;
    position_ = std::max(end, attempted) + geometry_.program_unit;
    if ((position_ - end) / geometry_.program_unit > hole_max ||
        position_ % geometry_.program_unit != 0) {
        closed_ = true;
    }
}

Result<void> SectorRing::open(std::uint64_t tail, std::uint64_t first_index) {
    // The old contents may be the only copy of something until all that replaces it is durable.
    TRY(flash_.sync());
    const auto sequence = head_ + 1;
    const auto next = slot_of(sequence);
    TRY_ASSIGN(const auto old, read_header(next));
    SectorHeader header;
    header.ring = id_;
    header.geometry = geometry_;
    header.salt = salt_;
    header.sequence = sequence;
    header.tail = tail;
    header.first_index = first_index;
    header.previous_end = head_ == 0 ? 0 : sectors_[slot_of(head_)].end;
    // A cut between erase and header loses the count: then the turns of the ring tell it.
    header.erase_count = old ? old->erase_count + 1
                             : static_cast<std::uint32_t>((sequence - 1) / sectors_.size() + 1);
    TRY(flash_.erase(first_sector_ + next));
    // Else a file could keep a record of an earlier attempt at this same place and sequence.
    TRY(flash_.sync());
    TRY_ASSIGN(const auto bytes, flash_.claim(flash_offset(next, 0), sector_header_size));
    std::ranges::copy(encode(header), bytes.begin());
    sectors_[next] = {sequence, first_index, sector_header_size};
    head_ = sequence;
    tail_ = tail;
    position_ = sector_header_size;
    closed_ = false;
    continued_ = false;
    unmarked_ = false;
    return {};
}

Result<MutableBytes> SectorRing::begin(RecordType type,
                                       std::uint64_t number,
                                       std::uint32_t length) {
    if (!fits(length)) {
        return Status::storage_full;
    }
    const auto end = sectors_[slot_of(head_)].end;
    unfinished_ = {};
    unfinished_.length = static_cast<std::uint16_t>(length);
    unfinished_.type = type;
    unfinished_.hole = static_cast<std::uint8_t>((position_ - end) / geometry_.program_unit);
    unfinished_.number = number;
    TRY_ASSIGN(block_, flash_.claim(flash_offset(slot_of(head_), position_), record_size(length)));
    return block_.subspan(record_header_size, length);
}

RecordPlace SectorRing::finish() {
    const auto content_size = record_header_size + unfinished_.length;
    const auto payload = block_.subspan(record_header_size, unfinished_.length);
    const auto seed = record_crc_seed(salt_, head_, position_);
    unfinished_.crc = crc32c(record_crc_header(seed, encode(unfinished_)), payload);
    std::ranges::copy(encode(unfinished_), block_.begin());
    std::ranges::fill(block_.subspan(content_size), blank);
    const RecordPlace place{head_, position_};
    position_ += static_cast<std::uint32_t>(block_.size());
    sectors_[slot_of(head_)].end = position_;
    unmarked_ = unfinished_.type != RecordType::mark;
    return place;
}

Result<void> SectorRing::mark(std::uint64_t number) {
    if (!unmarked_) {
        return {};
    }
    unmarked_ = false;
    if (position_ + mark_size() > geometry_.sector_size) {
        return {};
    }
    // `fits` keeps room for one mark behind every record; a mark itself may take it.
    const auto end = sectors_[slot_of(head_)].end;
    CHECK(position_ == end);
    unfinished_ = {};
    unfinished_.number = number;
    TRY_ASSIGN(block_, flash_.claim(flash_offset(slot_of(head_), position_), mark_size()));
    finish();
    return flash_.flush();
}

}  // namespace firmware::storage
