#pragma once

#include <openssl/rsa.h>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::pki {

// A key pair in OpenSSL that stands where the module's key stands.
class TestKey {
public:
    explicit TestKey(hsm::protocol::KeyType type)
        : key_(type == hsm::protocol::KeyType::p256   ? EVP_EC_gen("P-256")
               : type == hsm::protocol::KeyType::p384 ? EVP_EC_gen("P-384")
                                                      : EVP_RSA_gen(2048)) {}

    Bytes spki() const { return hsm::openssl::to_der(key_.get(), i2d_PUBKEY); }

    Bytes sign(const Algorithm& algorithm, const Bytes& message) const {
        hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
        EVP_PKEY_CTX* key_context = nullptr;
        EVP_DigestSignInit(context.get(),
                           &key_context,
                           hsm::openssl::message_digest(algorithm.digest),
                           nullptr,
                           key_.get());
        if (algorithm.scheme == hsm::protocol::Scheme::rsa_pss) {
            EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, algorithm.salt_length);
        }
        std::size_t size = 0;
        EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
        Bytes signature(size);
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size());
        signature.resize(size);
        return signature;
    }

private:
    hsm::openssl::EvpKeyPtr key_;
};

inline constexpr std::int64_t test_year_ms = 365ll * 24 * 3600 * 1000;
inline constexpr std::int64_t test_now_ms = 1'790'000'000'000;

inline Bytes make_certificate(const TestKey& subject_key,
                              const std::string& subject,
                              const TestKey& issuer_key,
                              const Algorithm& algorithm,
                              const Bytes& issuer) {
    TbsRequest request;
    request.profile = issuer.empty() ? Profile::root : Profile::person;
    request.subject = subject;
    request.spki = subject_key.spki();
    request.issuer = issuer;
    request.algorithm = algorithm;
    request.serial_number[15] = issuer.empty() ? 1 : 2;
    request.valid_from_ms = test_now_ms;
    request.valid_to_ms = test_now_ms + 2 * test_year_ms;
    auto tbs = build_tbs(request);
    auto certificate = assemble(*tbs, algorithm, issuer_key.sign(algorithm, *tbs), issuer);
    return *certificate;
}

}  // namespace cloudsign::pki
