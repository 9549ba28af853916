#pragma once

#include <cstdint>
#include <optional>

#include "firmware/hal/flash.h"
#include "hsm/base/bytes.h"

// The bytes of FORMAT.md: sector headers and record headers.
namespace firmware::storage {

using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

constexpr std::uint32_t sector_header_size = 64;
constexpr std::uint32_t record_header_size = 16;

using SectorHeaderBytes = std::array<Byte, sector_header_size>;
using RecordHeaderBytes = std::array<Byte, record_header_size>;

enum class RingId : std::uint8_t { state = 1, log = 2 };

struct SectorHeader {
    RingId ring = RingId::state;
    hal::FlashGeometry geometry;
    std::uint64_t salt = 0;          // of this store, chosen at format
    std::uint64_t sequence = 0;      // 1 for the first sector that the ring ever opened
    std::uint64_t tail = 0;          // sequence of the oldest live sector when this one opened
    std::uint64_t first_index = 0;   // log ring: index of the first log record that can be in here
    std::uint32_t previous_end = 0;  // where the records of sector `sequence - 1` end
    std::uint32_t erase_count = 0;   // of this sector, this erase included
};

SectorHeaderBytes encode(const SectorHeader& header);

// Nothing unless magic, version and CRC are right.
std::optional<SectorHeader> decode_sector_header(const SectorHeaderBytes& bytes);

enum class RecordType : std::uint8_t {
    log = 1,
    note = 2,
    put = 3,
    drop = 4,
    status = 5,
    mark = 6,
};

struct RecordHeader {
    std::uint32_t crc = 0;
    std::uint16_t length = 0;  // of the payload
    RecordType type = RecordType::mark;
    std::uint8_t hole = 0;     // program units skipped before this record, after a restart
    std::uint64_t number = 0;  // log: index; note, mark in the log ring: index of the next record
};

RecordHeaderBytes encode(const RecordHeader& header);

// Nothing when the type is not one of RecordType. The CRC is not looked at: it covers the payload.
std::optional<RecordHeader> decode_record_header(const RecordHeaderBytes& bytes);

// Where a record's CRC begins: bound to store, sector use and place, so that bytes of another place
// or time, or a payload made to look like a record, are not taken for one.
std::uint32_t record_crc_seed(std::uint64_t salt, std::uint64_t sequence, std::uint32_t offset);

// Continues with the header's bytes after the CRC field.
std::uint32_t record_crc_header(std::uint32_t seed, const RecordHeaderBytes& bytes);

constexpr std::uint32_t round_up(std::uint32_t size, std::uint32_t unit) {
    return (size + unit - 1) / unit * unit;
}

}  // namespace firmware::storage
