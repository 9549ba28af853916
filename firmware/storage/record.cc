#include "firmware/storage/record.h"

#include "firmware/storage/crc32c.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::storage {
namespace {

constexpr std::uint32_t magic = 0x4b594c53;  // "KYLS"
constexpr std::uint8_t version = 1;
constexpr std::size_t header_crc_offset = sector_header_size - 4;
constexpr std::size_t record_crc_size = 4;

Result<SectorHeader> parse_sector_header(ByteView bytes) {
    hsm::ByteReader reader(bytes);
    SectorHeader header;
    TRY_ASSIGN(const auto found_magic, reader.u32());
    TRY_ASSIGN(const auto found_version, reader.u8());
    TRY_ASSIGN(const auto ring, reader.u8());
    TRY_ASSIGN(header.geometry.program_unit, reader.u16());
    TRY_ASSIGN(header.geometry.sector_size, reader.u32());
    TRY_ASSIGN(header.geometry.sector_count, reader.u32());
    TRY_ASSIGN(header.salt, reader.u64());
    TRY_ASSIGN(header.sequence, reader.u64());
    TRY_ASSIGN(header.tail, reader.u64());
    TRY_ASSIGN(header.first_index, reader.u64());
    TRY_ASSIGN(header.previous_end, reader.u32());
    TRY_ASSIGN(header.erase_count, reader.u32());
    TRY(reader.take(4));
    TRY_ASSIGN(const auto crc, reader.u32());
    header.ring = static_cast<RingId>(ring);
    if (found_magic != magic || found_version != version ||
        crc != crc32c(0, bytes.first(header_crc_offset))) {
        return Status::storage_corrupt;
    }
    return header;
}

Result<RecordHeader> parse_record_header(ByteView bytes) {
    hsm::ByteReader reader(bytes);
    RecordHeader header;
    TRY_ASSIGN(header.crc, reader.u32());
    TRY_ASSIGN(header.length, reader.u16());
    TRY_ASSIGN(const auto type, reader.u8());
    TRY_ASSIGN(header.hole, reader.u8());
    TRY_ASSIGN(header.number, reader.u64());
    if (type < static_cast<std::uint8_t>(RecordType::log) ||
        type > static_cast<std::uint8_t>(RecordType::mark)) {
        return Status::storage_corrupt;
    }
    header.type = static_cast<RecordType>(type);
    return header;
}

}  // namespace

SectorHeaderBytes encode(const SectorHeader& header) {
    SectorHeaderBytes bytes{};
    hsm::ByteWriter writer(bytes);
    writer.u32(magic);
    writer.u8(version);
    writer.u8(static_cast<std::uint8_t>(header.ring));
    writer.u16(static_cast<std::uint16_t>(header.geometry.program_unit));
    writer.u32(header.geometry.sector_size);
    writer.u32(header.geometry.sector_count);
    writer.u64(header.salt);
    writer.u64(header.sequence);
    writer.u64(header.tail);
    writer.u64(header.first_index);
    writer.u32(header.previous_end);
    writer.u32(header.erase_count);
    writer.u32(0);
    writer.u32(crc32c(0, writer.written()));
    CHECK(writer.ok() && writer.size() == bytes.size());
    return bytes;
}

std::optional<SectorHeader> decode_sector_header(const SectorHeaderBytes& bytes) {
    auto header = parse_sector_header(bytes);
    return header ? std::optional(*header) : std::nullopt;
}

RecordHeaderBytes encode(const RecordHeader& header) {
    RecordHeaderBytes bytes{};
    hsm::ByteWriter writer(bytes);
    writer.u32(header.crc);
    writer.u16(header.length);
    writer.u8(static_cast<std::uint8_t>(header.type));
    writer.u8(header.hole);
    writer.u64(header.number);
    CHECK(writer.ok() && writer.size() == bytes.size());
    return bytes;
}

std::optional<RecordHeader> decode_record_header(const RecordHeaderBytes& bytes) {
    auto header = parse_record_header(bytes);
    return header ? std::optional(*header) : std::nullopt;
}

std::uint32_t record_crc_seed(std::uint64_t salt, std::uint64_t sequence, std::uint32_t offset) {
    std::array<Byte, 20> place{};
    hsm::ByteWriter writer(place);
    writer.u64(salt);
    writer.u64(sequence);
    writer.u32(offset);
    return crc32c(0, place);
}

std::uint32_t record_crc_header(std::uint32_t seed, const RecordHeaderBytes& bytes) {
    return crc32c(seed, ByteView(bytes).subspan(record_crc_size));
}

}  // namespace firmware::storage
