#include "firmware/selftest/known_answers.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "firmware/engine/primitives.h"
#include "firmware/engine/psa/initialize.h"
#include "tests/unit/firmware/selftest/changed_answers.h"

// The known answers against OpenSSL, which shares no line with Mbed TLS; then each of them wrong.
namespace {

using firmware::selftest::known_answers;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using namespace tests::selftest;
using Bytes = std::vector<Byte>;

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_RAND* rand) const { EVP_RAND_free(rand); }
    void operator()(EVP_RAND_CTX* context) const { EVP_RAND_CTX_free(context); }
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void* pointer(ByteView bytes) {
    return const_cast<Byte*>(bytes.data());  // OSSL_PARAM has no const
}

OSSL_PARAM octets(const char* name, ByteView bytes) {
    return OSSL_PARAM_construct_octet_string(name, pointer(bytes), bytes.size());
}

Bytes digest(const EVP_MD* function, ByteView message) {
    Bytes out(static_cast<std::size_t>(EVP_MD_get_size(function)));
    EXPECT_EQ(EVP_Digest(message.data(), message.size(), out.data(), nullptr, function, nullptr),
              1);
    return out;
}

TEST(KnownAnswers, AgreeWithOpensslOnHashMacAndDerivation) {
    EXPECT_TRUE(hsm::equal(digest(EVP_sha256(), known_answers.sha_message), known_answers.sha256));
    EXPECT_TRUE(hsm::equal(digest(EVP_sha384(), known_answers.sha_message), known_answers.sha384));
    EXPECT_TRUE(hsm::equal(digest(EVP_sha512(), known_answers.sha_message), known_answers.sha512));

    Bytes mac(32);
    ASSERT_NE(HMAC(EVP_sha256(),
                   known_answers.hmac_key.data(),
                   static_cast<int>(known_answers.hmac_key.size()),
                   known_answers.hmac_message.data(),
                   known_answers.hmac_message.size(),
                   mac.data(),
                   nullptr),
              nullptr);
    EXPECT_TRUE(hsm::equal(mac, known_answers.hmac));

    const Owned<EVP_KDF> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(hkdf.get()));
    char sha256[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0),
        octets(OSSL_KDF_PARAM_KEY, known_answers.hkdf_secret),
        octets(OSSL_KDF_PARAM_SALT, known_answers.hkdf_salt),
        octets(OSSL_KDF_PARAM_INFO, known_answers.hkdf_info),
        OSSL_PARAM_construct_end()};
    Bytes derived(known_answers.hkdf.size());
    ASSERT_EQ(EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters), 1);
    EXPECT_TRUE(hsm::equal(derived, known_answers.hkdf));
}

TEST(KnownAnswers, AgreeWithOpensslOnGcmAndKeyWrap) {
    const Owned<EVP_CIPHER_CTX> gcm(EVP_CIPHER_CTX_new());
    Bytes cipher(known_answers.gcm_plain.size() + 16);
    int size = 0;
    ASSERT_EQ(EVP_EncryptInit_ex(gcm.get(),
                                 EVP_aes_128_gcm(),
                                 nullptr,
                                 known_answers.gcm_key.data(),
                                 known_answers.gcm_nonce.data()),
              1);
    ASSERT_EQ(EVP_EncryptUpdate(gcm.get(),
                                nullptr,
                                &size,
                                known_answers.gcm_aad.data(),
                                static_cast<int>(known_answers.gcm_aad.size())),
              1);
    ASSERT_EQ(EVP_EncryptUpdate(gcm.get(),
                                cipher.data(),
                                &size,
                                known_answers.gcm_plain.data(),
                                static_cast<int>(known_answers.gcm_plain.size())),
              1);
    ASSERT_EQ(EVP_EncryptFinal_ex(gcm.get(), cipher.data() + size, &size), 1);
    ASSERT_EQ(EVP_CIPHER_CTX_ctrl(
                  gcm.get(), EVP_CTRL_AEAD_GET_TAG, 16, cipher.data() + cipher.size() - 16),
              1);
    EXPECT_TRUE(hsm::equal(cipher, known_answers.gcm_cipher));

    const Owned<EVP_CIPHER_CTX> wrap(EVP_CIPHER_CTX_new());
    EVP_CIPHER_CTX_set_flags(wrap.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    Bytes wrapped(64);
    ASSERT_EQ(
        EVP_EncryptInit_ex(
            wrap.get(), EVP_aes_256_wrap_pad(), nullptr, known_answers.kwp_kek.data(), nullptr),
        1);
    ASSERT_EQ(EVP_EncryptUpdate(wrap.get(),
                                wrapped.data(),
                                &size,
                                known_answers.kwp_plain.data(),
                                static_cast<int>(known_answers.kwp_plain.size())),
              1);
    EXPECT_TRUE(hsm::equal(ByteView(wrapped).first(static_cast<std::size_t>(size)),
                           known_answers.kwp_wrapped));
}

// The calls that made the generator's answers.
TEST(KnownAnswers, AgreeWithOpensslOnTheGenerator) {
    const Owned<EVP_RAND> test_rand(EVP_RAND_fetch(nullptr, "TEST-RAND", nullptr));
    const Owned<EVP_RAND_CTX> source(EVP_RAND_CTX_new(test_rand.get(), nullptr));
    const Owned<EVP_RAND> ctr_drbg(EVP_RAND_fetch(nullptr, "CTR-DRBG", nullptr));
    const Owned<EVP_RAND_CTX> generator(EVP_RAND_CTX_new(ctr_drbg.get(), source.get()));
    unsigned strength = 256;
    const auto seed = known_answers.drbg_seed;
    const OSSL_PARAM seeded[] = {octets(OSSL_RAND_PARAM_TEST_ENTROPY, seed.first(32)),
                                 octets(OSSL_RAND_PARAM_TEST_NONCE, seed.subspan(32)),
                                 OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
                                 OSSL_PARAM_construct_end()};
    ASSERT_EQ(EVP_RAND_CTX_set_params(source.get(), seeded), 1);
    ASSERT_EQ(EVP_RAND_instantiate(source.get(), 256, 0, nullptr, 0, nullptr), 1);
    char cipher[] = "AES-256-CTR";
    const OSSL_PARAM aes[] = {OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher, 0),
                              OSSL_PARAM_construct_end()};
    ASSERT_EQ(EVP_RAND_CTX_set_params(generator.get(), aes), 1);
    ASSERT_EQ(EVP_RAND_instantiate(generator.get(),
                                   256,
                                   0,
                                   known_answers.drbg_personal.data(),
                                   known_answers.drbg_personal.size(),
                                   nullptr),
              1);
    Bytes drawn(32);
    ASSERT_EQ(EVP_RAND_generate(generator.get(), drawn.data(), drawn.size(), 256, 0, nullptr, 0),
              1);
    EXPECT_TRUE(hsm::equal(drawn, known_answers.drbg_first));

    const OSSL_PARAM reseeded[] = {octets(OSSL_RAND_PARAM_TEST_ENTROPY, known_answers.drbg_reseed),
                                   OSSL_PARAM_construct_end()};
    ASSERT_EQ(EVP_RAND_CTX_set_params(source.get(), reseeded), 1);
    ASSERT_EQ(EVP_RAND_reseed(generator.get(), 0, nullptr, 0, nullptr, 0), 1);
    ASSERT_EQ(EVP_RAND_generate(generator.get(), drawn.data(), drawn.size(), 256, 0, nullptr, 0),
              1);
    EXPECT_TRUE(hsm::equal(drawn, known_answers.drbg_second));
}

Owned<EVP_PKEY> ec_key(const char* curve, ByteView point, ByteView scalar) {
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
    OSSL_PARAM_BLD_push_octet_string(
        builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    const Owned<BIGNUM> number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
    if (!scalar.empty()) {
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
    }
    const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_fromdata(context.get(),
                                &key,
                                scalar.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                                parameters.get()),
              1);
    return Owned<EVP_PKEY>(key);
}

// Ecdsa-Sig-Value (RFC 3279 §2.2.3) of r ‖ s.
Bytes der_of(ByteView raw) {
    ECDSA_SIG* signature = ECDSA_SIG_new();
    const auto half = static_cast<int>(raw.size() / 2);
    ECDSA_SIG_set0(signature,
                   BN_bin2bn(raw.data(), half, nullptr),
                   BN_bin2bn(raw.data() + half, half, nullptr));
    Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature, nullptr)));
    auto* at = der.data();
    i2d_ECDSA_SIG(signature, &at);
    ECDSA_SIG_free(signature);
    return der;
}

void expect_ecdsa(
    const char* curve, ByteView scalar, ByteView point, ByteView hash, ByteView signature) {
    // fromdata() does not compute the point: that they are a pair is what the check is for.
    const auto pair = ec_key(curve, point, scalar);
    const Owned<EVP_PKEY_CTX> check(EVP_PKEY_CTX_new(pair.get(), nullptr));
    EXPECT_EQ(EVP_PKEY_pairwise_check(check.get()), 1) << curve;
    const Owned<EVP_PKEY_CTX> verify(EVP_PKEY_CTX_new(pair.get(), nullptr));
    ASSERT_EQ(EVP_PKEY_verify_init(verify.get()), 1);
    const auto der = der_of(signature);
    EXPECT_EQ(EVP_PKEY_verify(verify.get(), der.data(), der.size(), hash.data(), hash.size()), 1)
        << curve;
}

TEST(KnownAnswers, AgreeWithOpensslOnTheCurves) {
    expect_ecdsa("P-256",
                 known_answers.p256_private,
                 known_answers.p256_public,
                 known_answers.p256_digest,
                 known_answers.p256_signature);
    expect_ecdsa("P-384",
                 known_answers.p384_private,
                 known_answers.p384_public,
                 known_answers.p384_digest,
                 known_answers.p384_signature);

    // Agreement asks nothing of our own public key; any point on the curve does.
    const auto own = ec_key("P-256", known_answers.p256_public, known_answers.ecdh_private);
    const auto peer = ec_key("P-256", known_answers.ecdh_peer, {});
    const Owned<EVP_PKEY_CTX> agreement(EVP_PKEY_CTX_new(own.get(), nullptr));
    ASSERT_EQ(EVP_PKEY_derive_init(agreement.get()), 1);
    ASSERT_EQ(EVP_PKEY_derive_set_peer(agreement.get(), peer.get()), 1);
    Bytes secret(32);
    auto size = secret.size();
    ASSERT_EQ(EVP_PKEY_derive(agreement.get(), secret.data(), &size), 1);
    EXPECT_TRUE(hsm::equal(secret, known_answers.ecdh_secret));
}

TEST(KnownAnswers, AgreeWithOpensslOnRsa) {
    EVP_PKEY* decoded = nullptr;
    const auto* at = known_answers.rsa_private.data();
    decoded = d2i_PrivateKey(
        EVP_PKEY_RSA, nullptr, &at, static_cast<long>(known_answers.rsa_private.size()));
    const Owned<EVP_PKEY> key(decoded);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 2048);
    const Owned<EVP_PKEY_CTX> check(EVP_PKEY_CTX_new(key.get(), nullptr));
    EXPECT_EQ(EVP_PKEY_check(check.get()), 1);
    for (const int padding : {RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING}) {
        const auto signature =
            padding == RSA_PKCS1_PADDING ? known_answers.rsa_pkcs1 : known_answers.rsa_pss;
        const Owned<EVP_PKEY_CTX> verify(EVP_PKEY_CTX_new(key.get(), nullptr));
        ASSERT_EQ(EVP_PKEY_verify_init(verify.get()), 1);
        ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(verify.get(), padding), 1);
        ASSERT_EQ(EVP_PKEY_CTX_set_signature_md(verify.get(), EVP_sha256()), 1);
        if (padding == RSA_PKCS1_PSS_PADDING) {
            ASSERT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(verify.get(), 32), 1);
        }
        EXPECT_EQ(EVP_PKEY_verify(verify.get(),
                                  signature.data(),
                                  signature.size(),
                                  known_answers.rsa_digest.data(),
                                  known_answers.rsa_digest.size()),
                  1)
            << padding;
    }
}

TEST(KnownAnswers, AreAllInTheListThatIsCorrupted) {
    EXPECT_EQ(every_answer().size() * sizeof(ByteView), sizeof(firmware::selftest::KnownAnswers));
}

Status primitive(SelfTest test, const KnownAnswers& answers) {
    const auto result = firmware::engine::primitives().self_test(test, answers);
    return result ? Status::ok : result.error();
}

TEST(Primitives, AnswerWhatIsKnown) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    using enum SelfTest;
    for (auto test :
         {sha256, drbg, sha384, sha512, hmac_sha256, hkdf_sha256, SelfTest::aes_gcm, ecdh_p256}) {
        EXPECT_EQ(primitive(test, known_answers), Status::ok) << self_test_name(test);
    }
    for (auto test : {firmware_integrity, aes_kwp, ecdsa_p256, ecdsa_p384, rsa_pkcs1, pairwise}) {
        EXPECT_EQ(primitive(test, known_answers), Status::not_supported) << self_test_name(test);
    }
}

TEST(Primitives, NoticeEachByteThatIsWrong) {
    ASSERT_TRUE(firmware::engine::psa::initialize());
    std::size_t noticed = 0;
    for (const auto& answer : every_answer()) {
        for (auto test : answer.tests) {
            if (primitive(test, known_answers) == Status::not_supported) {
                continue;
            }
            for (auto at = answer.first; at < answer.end(); ++at) {
                const ChangedAnswers changed(answer, at);
                EXPECT_NE(primitive(test, changed.answers()), Status::ok)
                    << answer.name << " " << at;
                ++noticed;
            }
        }
    }
    EXPECT_EQ(noticed, 791u);
}

}  // namespace
