#pragma once

#include <optional>

#include "hsm/openssl/bytes.h"

// An ECDSA signature as r ‖ s instead of DER: what JWS (RFC 7518 §3.4) and XML signatures (RFC 6931
// §2.3.6) carry.
namespace hsm::openssl {

// None unless `der` is one signature whose numbers fit into `half` bytes each.
std::optional<Bytes> ecdsa_raw(ByteView der, std::size_t half);

// None unless `raw` has two halves of one length.
std::optional<Bytes> ecdsa_der(ByteView raw);

}  // namespace hsm::openssl
