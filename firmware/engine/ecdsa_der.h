#pragma once

#include "firmware/engine/engine.h"

namespace firmware::engine {

constexpr std::size_t raw_ecdsa_size_max = 96;  // P-384: r ‖ s
using RawEcdsa = hsm::BoundedBytes<raw_ecdsa_size_max>;

// r ‖ s of the Ecdsa-Sig-Value (RFC 3279 §2.2.3) of a P-256 or P-384 key, each padded to the
// field's length. `signature_wrong` unless it is strict DER, 0 < r,s < n, and nothing follows.
// Not Mbed TLS's converter: that one also takes BER lengths and superfluous leading zeros.
Result<RawEcdsa> ecdsa_from_der(KeyType type, ByteView der);

// `signature_wrong` when `raw` is not twice the field's length or a half is zero.
Result<DerSignature> ecdsa_to_der(KeyType type, ByteView raw);

}  // namespace firmware::engine
