#pragma once

#include <span>

#include "hsm/base/bytes.h"

namespace cloudsign {

// OpenSSL's SHA-256 over the concatenation of `parts`: fits hsm::protocol::Sha256.
hsm::Digest sha256(std::span<const hsm::ByteView> parts);

hsm::Digest sha256(hsm::ByteView bytes);
hsm::Digest sha256(std::string_view text);

}  // namespace cloudsign
