#pragma once

#include "firmware/engine/engine.h"
#include "hsm/base/secret.h"

// PKCS #8 PrivateKeyInfo (RFC 5208 §5) exactly as SoftHSM writes it, so that either engine opens
// what the other has sealed: version 0, no attributes; an ECPrivateKey (RFC 5915) of version and
// scalar only; an RSAPrivateKey (RFC 8017 §A.1.2); then zeros up to a multiple of 8 bytes.
namespace firmware::engine::psa {

using PrivateKey = hsm::Secret<hsm::protocol::wrapped_size_max>;

// Turns `key` (a scalar of the field's length, or an RSAPrivateKey in DER: what PSA exports) into
// its PrivateKeyInfo, in place.
Result<void> enclose_pkcs8(KeyType type, PrivateKey& key);

// The scalar or RSAPrivateKey inside; `blob_malformed` when it is not a key of this type.
Result<ByteView> private_key_in(KeyType type, ByteView pkcs8);

}  // namespace firmware::engine::psa
