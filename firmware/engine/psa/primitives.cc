#include "firmware/engine/primitives.h"

#include "firmware/engine/psa/drbg_known_answer.h"
#include "firmware/engine/psa/known_answer.h"
#include "firmware/engine/psa/noise_source.h"

namespace firmware::engine {
namespace {

using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using psa::checked;
using psa::expect_refusal;
using psa::expect_same;
using psa::import_known;
using selftest::KnownAnswers;
using selftest::SelfTest;

Result<void> test_hash(psa_algorithm_t algorithm, ByteView message, ByteView expected) {
    std::array<Byte, PSA_HASH_MAX_SIZE> hash;
    std::size_t size = 0;
    TRY(checked(psa_hash_compute(
        algorithm, message.data(), message.size(), hash.data(), hash.size(), &size)));
    return expect_same(ByteView(hash).first(size), expected);
}

Result<void> test_hmac(const KnownAnswers& answers) {
    constexpr auto algorithm = PSA_ALG_HMAC(PSA_ALG_SHA_256);
    TRY_ASSIGN(
        auto key,
        import_known(PSA_KEY_TYPE_HMAC, algorithm, PSA_KEY_USAGE_SIGN_MESSAGE, answers.hmac_key));
    hsm::Digest mac;
    std::size_t size = 0;
    TRY(checked(psa_mac_compute(key.id(),
                                algorithm,
                                answers.hmac_message.data(),
                                answers.hmac_message.size(),
                                mac.data(),
                                mac.size(),
                                &size)));
    return expect_same(ByteView(mac).first(size), answers.hmac);
}

Result<void> derive(psa_key_derivation_operation_t& operation,
                    const KnownAnswers& answers,
                    hsm::MutableBytes out) {
    TRY(checked(psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_SHA_256))));
    TRY(checked(psa_key_derivation_input_bytes(&operation,
                                               PSA_KEY_DERIVATION_INPUT_SALT,
                                               answers.hkdf_salt.data(),
                                               answers.hkdf_salt.size())));
    TRY(checked(psa_key_derivation_input_bytes(&operation,
                                               PSA_KEY_DERIVATION_INPUT_SECRET,
                                               answers.hkdf_secret.data(),
                                               answers.hkdf_secret.size())));
    TRY(checked(psa_key_derivation_input_bytes(&operation,
                                               PSA_KEY_DERIVATION_INPUT_INFO,
                                               answers.hkdf_info.data(),
                                               answers.hkdf_info.size())));
    return checked(psa_key_derivation_output_bytes(&operation, out.data(), out.size()));
}

Result<void> test_hkdf(const KnownAnswers& answers) {
    std::array<Byte, 42> derived;
    psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
    const auto done = derive(operation, answers, derived);
    (void)psa_key_derivation_abort(&operation);
    TRY(done);
    return expect_same(derived, answers.hkdf);
}

Result<void> test_gcm(const KnownAnswers& answers) {
    constexpr std::size_t size_max = 96;
    TRY_ASSIGN(auto key,
               import_known(PSA_KEY_TYPE_AES,
                            PSA_ALG_GCM,
                            PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT,
                            answers.gcm_key));
    const auto open = [&](ByteView cipher, hsm::MutableBytes out, std::size_t& size) {
        return psa_aead_decrypt(key.id(),
                                PSA_ALG_GCM,
                                answers.gcm_nonce.data(),
                                answers.gcm_nonce.size(),
                                answers.gcm_aad.data(),
                                answers.gcm_aad.size(),
                                cipher.data(),
                                cipher.size(),
                                out.data(),
                                out.size(),
                                &size);
    };
    std::array<Byte, size_max> cipher;
    std::array<Byte, size_max> plain;
    std::size_t size = 0;
    TRY(checked(psa_aead_encrypt(key.id(),
                                 PSA_ALG_GCM,
                                 answers.gcm_nonce.data(),
                                 answers.gcm_nonce.size(),
                                 answers.gcm_aad.data(),
                                 answers.gcm_aad.size(),
                                 answers.gcm_plain.data(),
                                 answers.gcm_plain.size(),
                                 cipher.data(),
                                 cipher.size(),
                                 &size)));
    TRY(expect_same(ByteView(cipher).first(size), answers.gcm_cipher));
    std::size_t opened = 0;
    TRY(checked(open(answers.gcm_cipher, plain, opened)));
    TRY(expect_same(ByteView(plain).first(opened), answers.gcm_plain));
    cipher[size - 1] ^= 1;
    return expect_refusal(open(ByteView(cipher).first(size), plain, opened));
}

Result<void> test_ecdh(const KnownAnswers& answers) {
    TRY_ASSIGN(auto key,
               import_known(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1),
                            PSA_ALG_ECDH,
                            PSA_KEY_USAGE_DERIVE,
                            answers.ecdh_private));
    std::array<Byte, 32> secret;
    std::size_t size = 0;
    TRY(checked(psa_raw_key_agreement(PSA_ALG_ECDH,
                                      key.id(),
                                      answers.ecdh_peer.data(),
                                      answers.ecdh_peer.size(),
                                      secret.data(),
                                      secret.size(),
                                      &size)));
    return expect_same(ByteView(secret).first(size), answers.ecdh_secret);
}

class Primitives final : public selftest::Subject {
public:
    Result<void> self_test(SelfTest test, const KnownAnswers& answers) override {
        switch (test) {
            case SelfTest::sha256:
                return test_hash(PSA_ALG_SHA_256, answers.sha_message, answers.sha256);
            case SelfTest::sha384:
                return test_hash(PSA_ALG_SHA_384, answers.sha_message, answers.sha384);
            case SelfTest::sha512:
                return test_hash(PSA_ALG_SHA_512, answers.sha_message, answers.sha512);
            case SelfTest::noise:
                return psa::test_noise_source();
            case SelfTest::drbg:
                return psa::test_drbg(answers);
            case SelfTest::hmac_sha256:
                return test_hmac(answers);
            case SelfTest::hkdf_sha256:
                return test_hkdf(answers);
            case SelfTest::aes_gcm:
                return test_gcm(answers);
            case SelfTest::ecdh_p256:
                return test_ecdh(answers);
            default:
                return Status::not_supported;
        }
    }
};

Primitives the_primitives;

}  // namespace

selftest::Subject& primitives() {
    return the_primitives;
}

}  // namespace firmware::engine
