#pragma once

#include "firmware/engine/engine.h"

// SubjectPublicKeyInfo (RFC 5480 §2, RFC 3279 §2.3.1) of the key types that we make: named curve,
// uncompressed point; RSA with NULL parameters and the exponent 65537. One encoding each.
namespace firmware::engine {

constexpr std::array<hsm::Byte, 3> rsa_exponent = {1, 0, 1};

using Spki = hsm::BoundedBytes<hsm::protocol::spki_size_max>;

// `point`: SEC 1 uncompressed, of the type's curve.
Result<Spki> ec_spki(KeyType type, ByteView point);
// `modulus`: exactly the type's length, the highest bit set.
Result<Spki> rsa_spki(KeyType type, ByteView modulus);

// The point or the modulus; `blob_malformed` when `spki` is not the encoding above of this type.
// Whether the point lies on the curve is the engine's to check.
Result<ByteView> ec_point(KeyType type, ByteView spki);
Result<ByteView> rsa_modulus(KeyType type, ByteView spki);

// namedCurve's OBJECT IDENTIFIER, DER; empty for RSA.
ByteView curve_oid(KeyType type);

}  // namespace firmware::engine
