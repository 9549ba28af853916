#pragma once

#include "hsm/protocol/types.h"

namespace hsm::protocol {

// One authorised occurrence, what a signature answers to: a leaf of an activation.
struct Occurrence {
    Digest challenge{};
    std::uint32_t leaf_index = 0;

    friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// challenge ‖ leaf index, big-endian: on the wire and in the module's notes.
constexpr std::size_t occurrence_size = digest_size + sizeof(std::uint32_t);
using OccurrenceBytes = std::array<Byte, occurrence_size>;

OccurrenceBytes to_bytes(const Occurrence& occurrence);
Occurrence occurrence_of(const OccurrenceBytes& bytes);

}  // namespace hsm::protocol
