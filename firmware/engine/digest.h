#pragma once

#include "hsm/base/bytes.h"

namespace firmware::engine {

// SHA-256 over the concatenation of `parts`. Implemented once, in engine/psa, for every engine:
// hashing needs no key.
hsm::Digest sha256(std::span<const hsm::ByteView> parts);

// HMAC-SHA-256 under a key that lives in the module's RAM only.
hsm::Digest hmac_sha256(hsm::ByteView key, std::span<const hsm::ByteView> parts);

}  // namespace firmware::engine
