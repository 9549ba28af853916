#include "firmware/audit/result_table.h"

#include "hsm/base/byte_writer.h"

namespace firmware::audit {
namespace {

constexpr hsm::Byte acknowledged_note_type = 0x01;

}  // namespace

std::array<hsm::Byte, acknowledged_note_size> acknowledged_note(const OccurrenceKey& key) {
    std::array<hsm::Byte, acknowledged_note_size> note{};
    hsm::ByteWriter writer(note);
    writer.u8(acknowledged_note_type);
    writer.bytes(key.challenge);
    writer.u32(key.leaf_index);
    CHECK(writer.ok());
    return note;
}

Result<OccurrenceKey> parse_acknowledged_note(ByteView note) {
    if (note.size() != acknowledged_note_size || note.front() != acknowledged_note_type) {
        return Status::storage_corrupt;
    }
    OccurrenceKey key;
    hsm::ByteReader reader(note.subspan(1));
    TRY_ASSIGN(auto challenge, reader.take(hsm::digest_size));
    std::ranges::copy(challenge, key.challenge.begin());
    TRY_ASSIGN(key.leaf_index, reader.u32());
    return key;
}

}  // namespace firmware::audit
