#pragma once

#include "hsm/protocol/types.h"

namespace hsm::cli {

// SHA-256 over the concatenation of `parts`; fits hsm::protocol::Sha256.
Digest sha256(std::span<const ByteView> parts);

}  // namespace hsm::cli
