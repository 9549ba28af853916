#pragma once

#include "hsm/protocol/codec.h"

// What the fuzzers of decoders hold true: whatever decodes, encodes to exactly the bytes it came
// from, so that a hash over the bytes is a hash over the content.
namespace fuzz {

using hsm::Byte;
using hsm::ByteView;

inline std::array<Byte, 2 * hsm::protocol::message_size_max> buffer;

inline void check_same(const hsm::Result<ByteView>& encoded, ByteView bytes) {
    CHECK(encoded.has_value());
    CHECK(hsm::equal(*encoded, bytes));
}

template <class M>
void check_map(ByteView bytes) {
    if (const auto message = hsm::protocol::decode<M>(bytes)) {
        check_same(hsm::protocol::encode(*message, buffer), bytes);
        CHECK(bytes.size() <= hsm::protocol::map_size_max<M>());
    }
}

template <class M>
void check_tagged(ByteView bytes) {
    if (const auto message = hsm::protocol::decode_tagged<M>(bytes)) {
        check_same(hsm::protocol::encode_tagged(*message, buffer), bytes);
        CHECK(bytes.size() <= hsm::protocol::tagged_size_max<M>());
    }
}

}  // namespace fuzz
