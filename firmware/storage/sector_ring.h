#pragma once

#include <span>

#include "firmware/storage/flash_writer.h"
#include "firmware/storage/record.h"

namespace firmware::storage {

// What the RAM keeps of a sector.
struct SectorEntry {
    std::uint64_t sequence = 0;  // 0: no valid header
    std::uint64_t first_index = 0;
    std::uint32_t end = 0;  // of its last record, when it is in use
};

// Where a record lies.
struct RecordPlace {
    std::uint64_t sequence = 0;
    std::uint32_t offset = 0;  // in its sector
};

// Reads one record piece by piece; what it gave is to be trusted only after `finish`.
class RecordReader {
public:
    const RecordHeader& header() const { return header_; }
    std::uint32_t remaining() const { return remaining_; }

    // The next bytes of the payload; `storage_corrupt` when it has fewer.
    Result<void> take(MutableBytes into);

    // Reads the rest. `storage_corrupt` when the CRC is wrong or the flash cannot read it.
    Result<void> finish();

private:
    friend class SectorRing;
    RecordReader(FlashWriter& flash,
                 std::uint32_t offset,
                 const RecordHeader& header,
                 std::uint32_t crc)
        : flash_(&flash), offset_(offset), remaining_(header.length), crc_(crc), header_(header) {}

    FlashWriter* flash_;
    std::uint32_t offset_;
    std::uint32_t remaining_;
    std::uint32_t crc_;
    RecordHeader header_;
};

// A range of sectors used round-robin: sector `sequence` of the ring lies in physical sector
// (sequence - 1) mod count, is erased just before it is used, and its records follow each other
// without crossing into the next. Which sectors still count (tail to head) is the owner's decision.
class SectorRing final {
public:
    // `sectors` has one entry for each sector of the ring, which begins at `first_sector`.
    SectorRing(FlashWriter& flash,
               RingId id,
               std::uint32_t first_sector,
               std::span<SectorEntry> sectors);

    SectorRing(const SectorRing&) = delete;
    SectorRing& operator=(const SectorRing&) = delete;

    // The salt in the header with the highest sequence; `storage_corrupt` when there is no header.
    Result<std::uint64_t> find_salt();

    // Begins an empty ring; nothing is written before `open`.
    void start(std::uint64_t salt);

    // Finds the sectors of the store with this salt, the head (the newest) and the head's tail.
    Result<void> load(std::uint64_t salt);

    // After load: finds where the head's records end, and whether it can be continued.
    // `storage_corrupt` when a record that was durable is not whole any more.
    Result<void> recover_head();

    // After load: `storage_corrupt` when the sector after the head was in use and lost its header.
    Result<void> check_after_head();

    // Forgets a head that was opened but not committed; it will be opened again.
    Result<void> drop_head();

    bool empty() const { return head_ == 0; }
    std::uint64_t head() const { return head_; }
    std::uint64_t tail() const { return tail_; }
    std::uint32_t tail_sector() const { return first_sector_ + slot_of(tail_); }
    void set_tail(std::uint64_t tail) { tail_ = tail; }
    std::uint32_t sector_count() const { return static_cast<std::uint32_t>(sectors_.size()); }
    std::uint32_t live_count() const {
        return head_ == 0 ? 0 : static_cast<std::uint32_t>(head_ - tail_ + 1);
    }
    std::uint32_t free_count() const { return sector_count() - live_count(); }

    // `storage_corrupt` when the sector is not there, as it must be for tail ≤ sequence ≤ head.
    Result<SectorEntry> sector(std::uint64_t sequence) const;

    // Reads the next whole record: the one at `place`, or after the hole there; `place` becomes
    // where it is. Its payload goes into `payload` if that is long enough, else it is only checked.
    // `no_such_record` at the end of the sector, `storage_corrupt` when there is no whole record.
    Result<RecordHeader> read(RecordPlace& place, MutableBytes payload);

    // The record that is known to be at `place`.
    Result<RecordReader> open_record(RecordPlace place);

    // Where the record after the one at `place` is looked for.
    RecordPlace after(RecordPlace place, const RecordHeader& header) const;

    // Does a record with this payload fit into the head, as it is now?
    bool fits(std::uint32_t length) const;

    // A head continued after a restart: its first free unit may be torn though it reads blank.
    bool continued() const { return continued_; }
    void continue_head() { continued_ = false; }

    // Moves the place of the next record past the unit at `attempted`, where an earlier start may
    // have torn one.
    void skip(std::uint32_t attempted);
    std::uint32_t position() const { return position_; }

    // No more records into the head.
    void close() { closed_ = true; }

    // Makes all before durable, erases the next sector and begins it.
    Result<void> open(std::uint64_t tail, std::uint64_t first_index);

    // A record in two steps, so that the payload is filled in where it lies: begin gives the place
    // for `length` bytes, finish seals it. `storage_full` when it does not fit.
    Result<MutableBytes> begin(RecordType type, std::uint64_t number, std::uint32_t length);
    RecordPlace finish();

    // After a successful sync: proves to the next mount that all before was durable.
    Result<void> mark(std::uint64_t number);

    // Bytes that records can still take in the head, and in a new sector.
    std::uint32_t room() const;
    std::uint32_t sector_room() const {
        return geometry_.sector_size - sector_header_size - mark_size();
    }

    // Units and header included.
    std::uint32_t record_size(std::uint32_t length) const;
    std::uint32_t mark_size() const { return record_size(0); }

private:
    std::uint32_t slot_of(std::uint64_t sequence) const {
        return static_cast<std::uint32_t>((sequence - 1) % sectors_.size());
    }
    std::uint32_t flash_offset(std::uint32_t slot, std::uint32_t offset) const {
        return (first_sector_ + slot) * geometry_.sector_size + offset;
    }
    Result<std::optional<SectorHeader>> read_header(std::uint32_t slot) const;
    std::optional<SectorHeader> valid_header(const std::optional<SectorHeader>& header,
                                             std::uint32_t slot) const;
    Result<RecordHeader> read_here(RecordPlace place, MutableBytes payload);
    Result<bool> blank_from(std::uint32_t slot, std::uint32_t offset) const;
    Result<bool> marked_from(std::uint64_t sequence, std::uint32_t offset);

    FlashWriter& flash_;
    RingId id_;
    std::uint32_t first_sector_;
    std::span<SectorEntry> sectors_;
    hal::FlashGeometry geometry_;
    std::uint64_t salt_ = 0;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
    std::uint32_t position_ = 0;  // of the next record in the head
    bool closed_ = false;
    bool continued_ = false;
    bool unmarked_ = false;
    RecordHeader unfinished_;
    MutableBytes block_;
};

}  // namespace firmware::storage
