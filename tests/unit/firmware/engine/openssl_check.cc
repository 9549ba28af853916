#include "tests/unit/firmware/engine/openssl_check.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace tests::engine {

using hsm::Byte;
using hsm::ByteView;
using hsm::protocol::Algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

const EVP_MD* digest_of(DigestAlgorithm digest) {
    switch (digest) {
        case DigestAlgorithm::sha256:
            return EVP_sha256();
        case DigestAlgorithm::sha384:
            return EVP_sha384();
        case DigestAlgorithm::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

}  // namespace

bool openssl_verifies(ByteView spki,
                      const Algorithm& algorithm,
                      ByteView hash,
                      ByteView signature) {
    const auto* cursor = spki.data();
    const Key key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())), EVP_PKEY_free);
    if (!key || cursor != spki.data() + spki.size()) {
        return false;
    }
    const Context context(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    if (EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(algorithm.digest)) != 1) {
        return false;
    }
    if (algorithm.scheme == Scheme::rsa_pss &&
        (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), algorithm.salt_length) != 1)) {
        return false;
    }
    return EVP_PKEY_verify(
               context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

Bytes p256_spki(const hsm::protocol::Point& point) {
    constexpr std::array<Byte, 26> header = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                             0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                             0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    Bytes spki(header.size() + point.size());
    std::ranges::copy(header, spki.begin());
    std::ranges::copy(point, spki.begin() + header.size());
    return spki;
}

OpensslKey::OpensslKey() : key_(EVP_EC_gen("P-256")) {}

OpensslKey::~OpensslKey() {
    EVP_PKEY_free(static_cast<EVP_PKEY*>(key_));
}

hsm::protocol::Point OpensslKey::point() const {
    Byte* encoded = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(static_cast<EVP_PKEY*>(key_), &encoded);
    hsm::protocol::Point point{};
    EXPECT_EQ(size, point.size());
    std::copy_n(encoded, point.size(), point.begin());
    OPENSSL_free(encoded);
    return point;
}

Bytes OpensslKey::sign(const hsm::Digest& digest) const {
    const Context context(EVP_PKEY_CTX_new(static_cast<EVP_PKEY*>(key_), nullptr),
                          EVP_PKEY_CTX_free);
    Bytes signature(128);
    auto size = signature.size();
    EXPECT_EQ(EVP_PKEY_sign_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()),
              1);
    signature.resize(size);
    return signature;
}

}  // namespace tests::engine
