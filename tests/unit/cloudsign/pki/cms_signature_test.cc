#include "cloudsign/document/cms_signature.h"

#include <gtest/gtest.h>
#include <openssl/cms.h>

#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::document {
namespace {

using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;
namespace openssl = hsm::openssl;
using pki::TestKey;

constexpr std::string_view document = "Hợp đồng lao động số 12";

Bytes hash_of(std::string_view text, DigestAlgorithm digest) {
    Bytes hash(hsm::protocol::digest_length(digest));
    EVP_Digest(
        text.data(), text.size(), hash.data(), nullptr, openssl::message_digest(digest), nullptr);
    return hash;
}

// OpenSSL's own CMS verifier as a stranger would use it.
bool verifies(const Bytes& cms, std::string_view content, const Bytes& root) {
    const unsigned char* at = cms.data();
    std::unique_ptr<CMS_ContentInfo, openssl::Freed<CMS_ContentInfo_free>> info(
        d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(cms.size())));
    std::unique_ptr<X509_STORE, openssl::Freed<X509_STORE_free>> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), openssl::read_x509(root).get());
    std::unique_ptr<X509_VERIFY_PARAM, openssl::Freed<X509_VERIFY_PARAM_free>> parameters(
        X509_VERIFY_PARAM_new());
    X509_VERIFY_PARAM_set_time(parameters.get(), pki::test_now_ms / 1000 + 60);
    X509_STORE_set1_param(store.get(), parameters.get());
    std::unique_ptr<BIO, openssl::Freed<BIO_free>> in(
        BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    return info != nullptr &&
           CMS_verify(
               info.get(), nullptr, store.get(), in.get(), nullptr, CMS_BINARY | CMS_CADES) == 1;
}

struct Case {
    KeyType type;
    Algorithm algorithm;
};

class CmsSignature : public testing::TestWithParam<Case> {
protected:
    CmsSignature() : root_key_(KeyType::p256), key_(GetParam().type) {
        const auto algorithm = pki::default_algorithm(KeyType::p256);
        root_ = pki::make_certificate(root_key_, "CN=root", root_key_, algorithm, {});
        certificate_ = pki::make_certificate(key_, "CN=signer", root_key_, algorithm, root_);
    }

    TestKey root_key_;
    TestKey key_;
    Bytes root_;
    Bytes certificate_;
};

TEST_P(CmsSignature, IsAcceptedByOpensslWithSigningCertificate) {
    const auto algorithm = GetParam().algorithm;
    const auto prepared =
        prepare_cms(hash_of(document, algorithm.digest), certificate_, algorithm, pki::test_now_ms);
    ASSERT_TRUE(prepared);
    EXPECT_EQ(prepared->hash, hash_of(hsm::text_of(prepared->signed_attributes), algorithm.digest));

    const auto cms = finish_cms(*prepared,
                                algorithm,
                                key_.sign(algorithm, prepared->signed_attributes),
                                {certificate_, root_});

    ASSERT_TRUE(cms) << cms.error().detail;
    EXPECT_TRUE(verifies(*cms, document, root_));
    EXPECT_FALSE(verifies(*cms, "another document", root_));
}

TEST_P(CmsSignature, IsNotMadeFromAnothersSignature) {
    const auto algorithm = GetParam().algorithm;
    const auto prepared =
        prepare_cms(hash_of(document, algorithm.digest), certificate_, algorithm, pki::test_now_ms);
    const TestKey other(GetParam().type);

    const auto cms = finish_cms(
        *prepared, algorithm, other.sign(algorithm, prepared->signed_attributes), {certificate_});

    EXPECT_FALSE(cms);
}

INSTANTIATE_TEST_SUITE_P(
    Algorithms,
    CmsSignature,
    testing::Values(Case{KeyType::p256, {Scheme::ecdsa, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::p384, {Scheme::ecdsa, DigestAlgorithm::sha384, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha512, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}}));

TEST(PrepareCms, RefusesAHashOfAnotherLength) {
    const TestKey key(KeyType::p256);
    const auto algorithm = pki::default_algorithm(KeyType::p256);
    const auto certificate = pki::make_certificate(key, "CN=x", key, algorithm, {});

    EXPECT_EQ(prepare_cms(Bytes(48), certificate, algorithm, 0).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::document
