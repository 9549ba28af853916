#pragma once

#include <string_view>

#include "hsm/protocol/types.h"

namespace hsm::softphone {

Digest sha256(std::span<const ByteView> parts);
Digest sha256(ByteView bytes);
Digest sha256(std::string_view text);

// The phone's own Sha256 for hsm/protocol.
inline constexpr protocol::Sha256 sha256_parts = sha256;

}  // namespace hsm::softphone
