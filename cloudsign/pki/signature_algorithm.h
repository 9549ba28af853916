#pragma once

#include <optional>

#include <openssl/types.h>

#include "hsm/openssl/bytes.h"
#include "hsm/protocol/types.h"

namespace cloudsign::pki {

// Writes the X.509 AlgorithmIdentifier of `algorithm` (RFC 5758, RFC 8017 A.2) into `out`.
bool set_signature_algorithm(X509_ALGOR* out, const hsm::protocol::Algorithm& algorithm);

// The digest's own AlgorithmIdentifier, parameters absent (RFC 5754 §2).
void set_digest_algorithm(X509_ALGOR* out, hsm::protocol::DigestAlgorithm digest);

// True when `signature` is `key`'s over `message` by `algorithm`.
bool verify_signature(EVP_PKEY* key,
                      const hsm::protocol::Algorithm& algorithm,
                      hsm::ByteView message,
                      hsm::ByteView signature);

// A signature of `key` as JWS and XML signatures have it: an ECDSA value is r ‖ s, each half as
// long as the curve's field. None where `signature` is not this key's in form.
std::optional<hsm::Bytes> raw_signature(const EVP_PKEY* key,
                                        const hsm::protocol::Algorithm& algorithm,
                                        hsm::ByteView signature);
// verify_signature() of such a one. `key` is nullptr where a certificate's cannot be read.
bool verify_raw_signature(EVP_PKEY* key,
                          const hsm::protocol::Algorithm& algorithm,
                          hsm::ByteView message,
                          hsm::ByteView raw);

}  // namespace cloudsign::pki
