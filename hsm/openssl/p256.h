#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm/base/secret.h"
#include "hsm/openssl/bytes.h"
#include "hsm/openssl/pointers.h"
#include "hsm/protocol/types.h"

// P-256 key pairs that live in OpenSSL: a phone's, a ceremony's, the token key.
namespace hsm::openssl {

EvpKeyPtr make_p256_key();

// The public key, uncompressed; nothing for a key of another kind.
std::optional<protocol::Point> p256_point(const EVP_PKEY* key);

// ECDH. False when `peer` is no point of the curve.
bool agree_p256(EVP_PKEY* own, const protocol::Point& peer, Secret<32>& agreed);

// ECDSA over SHA-256(message), DER.
Bytes sign_es256(EVP_PKEY* key, ByteView message);

// A private key of any kind: PKCS#8 in PEM, not encrypted. nullptr for any other text.
std::string private_key_pem(const EVP_PKEY* key);
EvpKeyPtr read_private_key_pem(std::string_view pem);

// A public key of any kind: SubjectPublicKeyInfo in PEM. nullptr for any other text.
EvpKeyPtr read_public_key_pem(std::string_view pem);

}  // namespace hsm::openssl
