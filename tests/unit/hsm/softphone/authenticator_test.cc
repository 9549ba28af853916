#include "hsm/softphone/authenticator.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "hsm/openssl/digest.h"

namespace hsm::softphone {
namespace {

// WebAuthn Level 3 §7.2 steps 20 and 21, by OpenSSL alone.
bool verifies(const protocol::Point& point, const OwnedAssertion& assertion) {
    const auto spki = protocol::p256_spki(point);
    const auto* at = spki.data();
    const openssl::EvpKeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    Digest client_data_hash{};
    EXPECT_EQ(EVP_Digest(assertion.client_data_json.data(),
                         assertion.client_data_json.size(),
                         client_data_hash.data(),
                         nullptr,
                         EVP_sha256(),
                         nullptr),
              1);
    const openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    EXPECT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
    EVP_DigestVerifyUpdate(
        context.get(), assertion.authenticator_data.data(), assertion.authenticator_data.size());
    EVP_DigestVerifyUpdate(context.get(), client_data_hash.data(), client_data_hash.size());
    return EVP_DigestVerifyFinal(
               context.get(), assertion.signature.data(), assertion.signature.size()) == 1;
}

TEST(Passkey, MakesAssertionsThatOpensslVerifies) {
    const auto passkey = Passkey::generate();
    for (unsigned i = 0; i < 50; ++i) {
        Digest challenge = sha256(std::to_string(i));

        const auto assertion = passkey.make_assertion(
            challenge, {"approve.localhost", "https://approve.localhost:8443"});

        EXPECT_TRUE(verifies(passkey.point(), assertion));
        EXPECT_EQ(assertion.thumbprint, passkey.thumbprint());
    }
    const auto stranger = Passkey::generate();
    EXPECT_FALSE(verifies(stranger.point(), passkey.make_assertion({}, {"a", "https://a"})));
}

TEST(Passkey, WritesClientDataAsBrowsersDo) {
    const auto passkey = Passkey::generate();

    const auto assertion =
        passkey.make_assertion(Digest{}, {"approve.localhost", "https://approve.localhost:8443"});

    EXPECT_EQ(assertion.client_data_json,
              R"({"type":"webauthn.get","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
              R"("origin":"https://approve.localhost:8443","crossOrigin":false})");
}

TEST(Passkey, WritesRpIdHashFlagsAndCount) {
    const auto passkey = Passkey::generate();

    const auto assertion = passkey.make_assertion(
        Digest{}, {"approve.localhost", "https://a", assertion_flags(Backup::synced), 0x01020304});

    const ByteView data = assertion.authenticator_data;
    EXPECT_TRUE(equal(data.first(32), sha256("approve.localhost")));
    EXPECT_EQ(data[32], 0x1d);
    EXPECT_TRUE(equal(data.subspan(33), Bytes{1, 2, 3, 4}));
    EXPECT_EQ(assertion_flags(Backup::single_device), 0x05);
}

TEST(Passkey, FitsTheProtocolAtTheLongestOrigin) {
    const auto passkey = Passkey::generate();
    const std::string origin(protocol::origin_size_max, 'o');
    const auto assertion = passkey.make_assertion(Digest{}, {"r", origin});

    Bytes buffer(protocol::assertion_size_max);
    const auto encoded = protocol::encode_assertion(assertion.view(), buffer);

    ASSERT_TRUE(encoded.has_value());
    const auto decoded = protocol::decode_assertion(*encoded);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(equal(decoded->client_data_json, view_of(assertion.client_data_json)));
}

TEST(Passkey, ComesBackFromItsPem) {
    const auto passkey = Passkey::generate();

    const auto again = Passkey::from_pem(passkey.to_pem());

    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->point(), passkey.point());
    EXPECT_TRUE(verifies(passkey.point(), again->make_assertion({}, {"a", "https://a"})));
}

std::string pem_of(EVP_PKEY* key, const EVP_CIPHER* cipher) {
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), key, cipher, "pass", 4, nullptr, nullptr);
    return openssl::text_of(out.get());
}

TEST(Passkey, RefusesEveryOtherKey) {
    const openssl::EvpKeyPtr p384(EVP_EC_gen("P-384"));
    const openssl::EvpKeyPtr p256(EVP_EC_gen("P-256"));
    const openssl::EvpKeyPtr ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));

    EXPECT_FALSE(Passkey::from_pem("").has_value());
    EXPECT_FALSE(Passkey::from_pem("no PEM").has_value());
    EXPECT_FALSE(Passkey::from_pem(pem_of(p384.get(), nullptr)).has_value());
    EXPECT_FALSE(Passkey::from_pem(pem_of(ed25519.get(), nullptr)).has_value());
    EXPECT_FALSE(Passkey::from_pem(pem_of(p256.get(), EVP_aes_128_cbc())).has_value());
    EXPECT_TRUE(Passkey::from_pem(pem_of(p256.get(), nullptr)).has_value());
}

}  // namespace
}  // namespace hsm::softphone
