#include "hsm/protocol/occurrence.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace hsm::protocol {

OccurrenceBytes to_bytes(const Occurrence& occurrence) {
    OccurrenceBytes bytes{};
    ByteWriter writer(bytes);
    writer.bytes(occurrence.challenge);
    writer.u32(occurrence.leaf_index);
    CHECK(writer.ok());
    return bytes;
}

Occurrence occurrence_of(const OccurrenceBytes& bytes) {
    ByteReader reader(bytes);
    Occurrence occurrence;
    const auto challenge = reader.take(digest_size);
    const auto leaf_index = reader.u32();
    CHECK(challenge.has_value() && leaf_index.has_value());
    std::ranges::copy(*challenge, occurrence.challenge.begin());
    occurrence.leaf_index = *leaf_index;
    return occurrence;
}

}  // namespace hsm::protocol
