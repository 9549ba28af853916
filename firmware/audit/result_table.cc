#include "firmware/audit/result_table.h"

namespace firmware::audit {
namespace {

constexpr hsm::Byte acknowledged_note_type = 0x01;

}  // namespace

std::array<hsm::Byte, acknowledged_note_size> acknowledged_note(const Occurrence& occurrence) {
    std::array<hsm::Byte, acknowledged_note_size> note{};
    note.front() = acknowledged_note_type;
    std::ranges::copy(hsm::protocol::to_bytes(occurrence), note.begin() + 1);
    return note;
}

Result<Occurrence> parse_acknowledged_note(ByteView note) {
    if (note.size() != acknowledged_note_size || note.front() != acknowledged_note_type) {
        return Status::storage_corrupt;
    }
    hsm::protocol::OccurrenceBytes bytes;
    std::ranges::copy(note.subspan(1), bytes.begin());
    return hsm::protocol::occurrence_of(bytes);
}

}  // namespace firmware::audit
