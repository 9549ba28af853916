#pragma once

#include "hsm/protocol/types.h"

namespace firmware::engine {

constexpr bool is_rsa(hsm::protocol::KeyType type) {
    using hsm::protocol::KeyType;
    return type == KeyType::rsa2048 || type == KeyType::rsa3072 || type == KeyType::rsa4096;
}

// The modulus's length of an RSA key, the field's of an elliptic-curve key.
constexpr std::size_t key_bits(hsm::protocol::KeyType type) {
    using hsm::protocol::KeyType;
    switch (type) {
        case KeyType::p256:
            return 256;
        case KeyType::p384:
            return 384;
        case KeyType::rsa2048:
            return 2048;
        case KeyType::rsa3072:
            return 3072;
        case KeyType::rsa4096:
            return 4096;
    }
    return 0;
}

constexpr std::size_t key_bytes(hsm::protocol::KeyType type) {
    return key_bits(type) / 8;
}

// ECDSA on either curve and both RSA schemes take every digest of the protocol (a digest longer
// than the curve's order is truncated, FIPS 186-5 §6.4.1). A PSS salt is as long as the digest
// (RFC 8017 §9.1 note 4); every other scheme has none.
constexpr bool algorithm_fits(hsm::protocol::KeyType type,
                              const hsm::protocol::Algorithm& algorithm) {
    using hsm::protocol::Scheme;
    const auto digest_size = hsm::protocol::digest_length(algorithm.digest);
    if (key_bits(type) == 0 || digest_size == 0) {
        return false;
    }
    switch (algorithm.scheme) {
        case Scheme::none:
            return false;
        case Scheme::ecdsa:
            return !is_rsa(type) && algorithm.salt_length == 0;
        case Scheme::rsa_pkcs1:
            return is_rsa(type) && algorithm.salt_length == 0;
        case Scheme::rsa_pss:
            return is_rsa(type) && algorithm.salt_length == digest_size;
    }
    return false;
}

}  // namespace firmware::engine
