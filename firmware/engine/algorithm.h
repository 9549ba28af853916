#pragma once

#include "firmware/selftest/self_tests.h"
#include "hsm/protocol/key_type.h"

namespace firmware::engine {

using hsm::protocol::is_rsa;
using hsm::protocol::key_bits;

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

// The self-tests that have to pass before such a key is used with this scheme.
constexpr selftest::TestSet tests_of(hsm::protocol::KeyType type, hsm::protocol::Scheme scheme) {
    using hsm::protocol::KeyType;
    using selftest::SelfTest;
    if (!is_rsa(type)) {
        return selftest::set_of(type == KeyType::p384 ? SelfTest::ecdsa_p384
                                                      : SelfTest::ecdsa_p256);
    }
    return selftest::set_of(scheme == hsm::protocol::Scheme::rsa_pss ? SelfTest::rsa_pss
                                                                     : SelfTest::rsa_pkcs1);
}

}  // namespace firmware::engine
