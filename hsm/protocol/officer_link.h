#pragma once

#include <array>
#include <string_view>

#include "hsm/base/bytes.h"
#include "hsm/protocol/types.h"

namespace hsm::protocol {

inline constexpr std::string_view officer_link_tag = "kyso officer link/1:";

// The challenge by which an officer's passkey connects its phone to the server: SHA-256 of the tag
// and of the secret in the operator's link. The phone computes it itself and lets no server choose;
// no activation's preimage begins like it (PROTOCOL.md: they are CBOR arrays), so this approves
// nothing anywhere else.
inline Digest officer_link_challenge(std::string_view secret, Sha256 sha256) {
    const std::array<ByteView, 2> parts = {view_of(officer_link_tag), view_of(secret)};
    return sha256(parts);
}

}  // namespace hsm::protocol
