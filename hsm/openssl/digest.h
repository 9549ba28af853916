#pragma once

#include <span>
#include <string_view>

#include <openssl/types.h>

#include "hsm/openssl/bytes.h"
#include "hsm/protocol/types.h"

namespace hsm::openssl {

// SHA-256 over the concatenation of `parts`: fits hsm::protocol::Sha256.
Digest sha256(std::span<const ByteView> parts);

Digest sha256(ByteView bytes);
Digest sha256(std::string_view text);

const EVP_MD* message_digest(protocol::DigestAlgorithm algorithm);

Bytes digest_of(ByteView bytes, protocol::DigestAlgorithm algorithm);

}  // namespace hsm::openssl

namespace hsm {
using openssl::sha256;
}  // namespace hsm
