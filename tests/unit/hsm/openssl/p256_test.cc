#include "hsm/openssl/p256.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "hsm/openssl/der.h"
#include "hsm/protocol/key_blob.h"

namespace hsm::openssl {
namespace {

TEST(P256, ComesBackFromItsPem) {
    const auto key = make_p256_key();

    const auto again = read_private_key_pem(private_key_pem(key.get()));

    ASSERT_NE(again, nullptr);
    EXPECT_EQ(p256_point(again.get()), p256_point(key.get()));
}

TEST(P256, SignsWhatItsPointVerifies) {
    const auto key = make_p256_key();
    const auto spki = protocol::p256_spki(*p256_point(key.get()));
    const auto message = view_of("a message");

    const auto signature = sign_es256(key.get(), message);

    const auto public_key = read_spki(spki);
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    ASSERT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_key.get()),
              1);
    EXPECT_EQ(
        EVP_DigestVerify(
            context.get(), signature.data(), signature.size(), message.data(), message.size()),
        1);
}

TEST(P256, HasNoPointForAnotherKey) {
    const EvpKeyPtr p384(EVP_EC_gen("P-384"));
    const EvpKeyPtr k256(EVP_EC_gen("secp256k1"));
    const EvpKeyPtr ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    const auto compressed = make_p256_key();
    EVP_PKEY_set_utf8_string_param(compressed.get(), "point-format", "compressed");

    EXPECT_FALSE(p256_point(p384.get()));
    EXPECT_FALSE(p256_point(k256.get()));
    EXPECT_FALSE(p256_point(ed25519.get()));
    EXPECT_FALSE(p256_point(compressed.get()));
}

TEST(P256, ReadsNoOtherText) {
    const auto key = make_p256_key();
    for (const char* passphrase : {"", "pass"}) {
        const BioPtr out(BIO_new(BIO_s_mem()));
        PEM_write_bio_PKCS8PrivateKey(out.get(),
                                      key.get(),
                                      EVP_aes_128_cbc(),
                                      passphrase,
                                      static_cast<int>(std::string_view(passphrase).size()),
                                      nullptr,
                                      nullptr);

        EXPECT_EQ(read_private_key_pem(text_of(out.get())), nullptr) << passphrase;
    }
    EXPECT_EQ(read_private_key_pem(""), nullptr);
    EXPECT_EQ(read_private_key_pem("no PEM"), nullptr);
}

}  // namespace
}  // namespace hsm::openssl
