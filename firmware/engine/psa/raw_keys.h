#pragma once

#include "firmware/engine/engine.h"

// Operations under keys that a test brings along. Only the port image (firmware/port) has them: a
// release image uses no key that it has not made, unsealed or been told to verify under.
namespace firmware::engine::psa::raw {

using hsm::protocol::DigestAlgorithm;

// SEC 1 uncompressed, or an RSAPublicKey (RFC 8017 §A.1.1) in DER.
struct PublicKey {
    KeyType type;
    ByteView key;
};

// How an ECDSA signature is written; RSA's have one form.
enum class Encoding : std::uint8_t { der = 0, raw = 1 };

// P-256 with SHA-256 goes the module's own way, verify_es256(). `signature_wrong` for whatever does
// not verify, a key that is none included.
Result<void> verify(const PublicKey& key,
                    const Algorithm& algorithm,
                    Encoding encoding,
                    ByteView message,
                    ByteView signature);

// AES-GCM with a tag of 16 bytes behind the ciphertext. A refusal leaves nothing in `out`.
struct Gcm {
    ByteView key;
    ByteView nonce;
    ByteView associated;
};
Result<std::size_t> gcm_open(const Gcm& gcm, ByteView sealed, MutableBytes out);

Result<std::size_t> hmac(DigestAlgorithm digest, ByteView key, ByteView message, MutableBytes out);

struct Hkdf {
    ByteView secret;
    ByteView salt;
    ByteView info;
};
// Fills `out`.
Result<void> hkdf(DigestAlgorithm digest, const Hkdf& from, MutableBytes out);

}  // namespace firmware::engine::psa::raw
