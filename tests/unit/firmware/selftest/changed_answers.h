#pragma once

#include <vector>

#include "firmware/selftest/self_tests.h"

// The product's known answers with one byte of one of them changed.
namespace tests::selftest {

using firmware::selftest::KnownAnswers;
using hsm::protocol::SelfTest;

struct NamedAnswer {
    const char* name;
    hsm::ByteView KnownAnswers::*view;
    std::vector<SelfTest> tests;  // that have to notice
    // Of these bytes. An RSAPrivateKey says most of what it says twice; only its modulus has no
    // other place.
    std::size_t first = 0;
    std::size_t last = SIZE_MAX;

    std::size_t end() const {
        return std::min(last, (firmware::selftest::known_answers.*view).size());
    }
};

inline const std::vector<NamedAnswer>& every_answer() {
    using enum SelfTest;
    static const std::vector<NamedAnswer> all = {
        {"sha_message", &KnownAnswers::sha_message, {sha256, sha384, sha512}},
        {"sha256", &KnownAnswers::sha256, {sha256}},
        {"sha384", &KnownAnswers::sha384, {sha384}},
        {"sha512", &KnownAnswers::sha512, {sha512}},
        {"hmac_key", &KnownAnswers::hmac_key, {hmac_sha256}},
        {"hmac_message", &KnownAnswers::hmac_message, {hmac_sha256}},
        {"hmac", &KnownAnswers::hmac, {hmac_sha256}},
        {"hkdf_secret", &KnownAnswers::hkdf_secret, {hkdf_sha256}},
        {"hkdf_salt", &KnownAnswers::hkdf_salt, {hkdf_sha256}},
        {"hkdf_info", &KnownAnswers::hkdf_info, {hkdf_sha256}},
        {"hkdf", &KnownAnswers::hkdf, {hkdf_sha256}},
        {"gcm_key", &KnownAnswers::gcm_key, {aes_gcm}},
        {"gcm_nonce", &KnownAnswers::gcm_nonce, {aes_gcm}},
        {"gcm_aad", &KnownAnswers::gcm_aad, {aes_gcm}},
        {"gcm_plain", &KnownAnswers::gcm_plain, {aes_gcm}},
        {"gcm_cipher", &KnownAnswers::gcm_cipher, {aes_gcm}},
        {"ecdh_private", &KnownAnswers::ecdh_private, {ecdh_p256}},
        {"ecdh_peer", &KnownAnswers::ecdh_peer, {ecdh_p256}},
        {"ecdh_secret", &KnownAnswers::ecdh_secret, {ecdh_p256}},
        {"drbg_seed", &KnownAnswers::drbg_seed, {drbg}},
        {"drbg_personal", &KnownAnswers::drbg_personal, {drbg}},
        {"drbg_first", &KnownAnswers::drbg_first, {drbg}},
        {"drbg_reseed", &KnownAnswers::drbg_reseed, {drbg}},
        {"drbg_second", &KnownAnswers::drbg_second, {drbg}},
        {"kwp_kek", &KnownAnswers::kwp_kek, {aes_kwp}},
        {"kwp_plain", &KnownAnswers::kwp_plain, {aes_kwp}},
        {"kwp_wrapped", &KnownAnswers::kwp_wrapped, {aes_kwp}},
        {"p256_private", &KnownAnswers::p256_private, {ecdsa_p256}},
        {"p256_public", &KnownAnswers::p256_public, {ecdsa_p256}},
        {"p256_digest", &KnownAnswers::p256_digest, {ecdsa_p256}},
        {"p256_signature", &KnownAnswers::p256_signature, {ecdsa_p256}},
        {"p384_private", &KnownAnswers::p384_private, {ecdsa_p384}},
        {"p384_public", &KnownAnswers::p384_public, {ecdsa_p384}},
        {"p384_digest", &KnownAnswers::p384_digest, {ecdsa_p384}},
        {"p384_signature", &KnownAnswers::p384_signature, {ecdsa_p384}},
        {"rsa_private", &KnownAnswers::rsa_private, {rsa_pkcs1, rsa_pss}, 12, 268},
        {"rsa_digest", &KnownAnswers::rsa_digest, {rsa_pkcs1, rsa_pss}},
        {"rsa_pkcs1", &KnownAnswers::rsa_pkcs1, {rsa_pkcs1}},
        {"rsa_pss", &KnownAnswers::rsa_pss, {rsa_pss}},
    };
    return all;
}

// Lives as long as its answers are used.
class ChangedAnswers {
public:
    ChangedAnswers(const NamedAnswer& which, std::size_t at)
        : answers_(firmware::selftest::known_answers) {
        const auto view = answers_.*which.view;
        bytes_.assign(view.begin(), view.end());
        bytes_.at(at) ^= 1;
        answers_.*which.view = bytes_;
    }
    ChangedAnswers(const ChangedAnswers&) = delete;
    ChangedAnswers& operator=(const ChangedAnswers&) = delete;

    const KnownAnswers& answers() const { return answers_; }

private:
    KnownAnswers answers_;
    std::vector<hsm::Byte> bytes_;
};

}  // namespace tests::selftest
