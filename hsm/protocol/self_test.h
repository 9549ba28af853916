#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// The self-tests of a module: PROTOCOL.md "Self-tests". Numbers are part of the protocol and
// append-only; they are also the order in which a module runs them, so that what checks the
// firmware is itself checked first.
namespace hsm::protocol {

#define HSM_SELF_TEST_TABLE(X)                                                     \
    X(sha256, 1)                                                                   \
    X(firmware_integrity, 2) /* the running image has the hash that it should */   \
    X(noise, 3)              /* SP 800-90B health tests of the raw noise source */ \
    X(drbg, 4)                                                                     \
    X(sha384, 5)                                                                   \
    X(sha512, 6)                                                                   \
    X(hmac_sha256, 7)                                                              \
    X(hkdf_sha256, 8)                                                              \
    X(aes_gcm, 9)                                                                  \
    X(ecdh_p256, 10)                                                               \
    X(aes_kwp, 11)                                                                 \
    X(ecdsa_p256, 12)                                                              \
    X(ecdsa_p384, 13)                                                              \
    X(rsa_pkcs1, 14)                                                               \
    X(rsa_pss, 15)                                                                 \
    X(pairwise, 16) /* of the identity key at each start, of each key when it is made */

enum class SelfTest : std::uint8_t {
#define HSM_SELF_TEST_ENUMERATOR(name, number) name = number,
    HSM_SELF_TEST_TABLE(HSM_SELF_TEST_ENUMERATOR)
#undef HSM_SELF_TEST_ENUMERATOR
};

constexpr std::size_t self_test_count = 16;
// What fits into a message: room for tests that are still to be invented.
constexpr std::size_t self_tests_max = 24;

// The enumerator's name; "none" for 0, which names no test.
constexpr std::string_view self_test_name(SelfTest test) {
    switch (test) {
#define HSM_SELF_TEST_CASE(name, number) \
    case SelfTest::name:                 \
        return #name;
        HSM_SELF_TEST_TABLE(HSM_SELF_TEST_CASE)
#undef HSM_SELF_TEST_CASE
    }
    return "none";
}

}  // namespace hsm::protocol
