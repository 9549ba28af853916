#include "cloudsign/pki/certificate.h"

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

struct Case {
    KeyType type;
    Algorithm algorithm;
};

class CertificateOf : public testing::TestWithParam<Case> {};

TEST_P(CertificateOf, IsAcceptedByOpensslAgainstItsRoot) {
    const auto [type, algorithm] = GetParam();
    const TestKey root_key(type);
    const TestKey person_key(KeyType::p256);

    const auto root =
        make_certificate(root_key, "CN=Kyso TEST CA,O=Sở Giáo dục,C=VN", root_key, algorithm, {});
    const auto person = make_certificate(
        person_key, "CN=Nguyễn Thị Thủy,UID=CCCD:001,C=VN", root_key, algorithm, root);

    std::unique_ptr<X509_STORE, openssl::Freed<X509_STORE_free>> store(X509_STORE_new());
    std::unique_ptr<X509_STORE_CTX, openssl::Freed<X509_STORE_CTX_free>> context(
        X509_STORE_CTX_new());
    auto anchor = openssl::read_x509(root);
    auto leaf = openssl::read_x509(person);
    X509_STORE_add_cert(store.get(), anchor.get());
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
    X509_STORE_CTX_set_time(context.get(), 0, test_now_ms / 1000 + 60);
    EXPECT_EQ(X509_verify_cert(context.get()), 1)
        << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
    EXPECT_EQ(read_certificate(person)->subject, "CN=Nguyễn Thị Thủy,UID=CCCD:001,C=VN");
    EXPECT_EQ(read_certificate(person)->issuer, read_certificate(root)->subject);
}

INSTANTIATE_TEST_SUITE_P(
    Algorithms,
    CertificateOf,
    testing::Values(Case{KeyType::p256, {Scheme::ecdsa, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::p384, {Scheme::ecdsa, DigestAlgorithm::sha384, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}}));

TEST(Certificate, IsNotAssembledFromAWrongSignature) {
    const TestKey key(KeyType::p256);
    const TestKey other(KeyType::p256);
    const auto algorithm = default_algorithm(KeyType::p256);
    TbsRequest request;
    request.profile = Profile::root;
    request.subject = "CN=x";
    request.spki = key.spki();
    request.algorithm = algorithm;
    request.valid_to_ms = test_year_ms;
    const auto tbs = build_tbs(request);

    const auto assembled = assemble(*tbs, algorithm, other.sign(algorithm, *tbs), {});

    ASSERT_FALSE(assembled);
    EXPECT_EQ(assembled.error().kind, ErrorKind::internal);
}

TEST(Certificate, ShowsItsFactsBeforeItIsSigned) {
    const TestKey key(KeyType::p256);
    TbsRequest request;
    request.profile = Profile::root;
    request.subject = "CN=Kyso TEST CA";
    request.spki = key.spki();
    request.algorithm = default_algorithm(KeyType::p256);
    request.valid_from_ms = test_now_ms;
    request.valid_to_ms = test_now_ms + test_year_ms;

    const auto facts = read_tbs(*build_tbs(request));

    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->subject, "CN=Kyso TEST CA");
    EXPECT_EQ(facts->valid_from_ms, test_now_ms);
    EXPECT_EQ(facts->spki, key.spki());
}

TEST(Certificate, IsCutToItsIssuersValidity) {
    const TestKey key(KeyType::p256);
    const auto algorithm = default_algorithm(KeyType::p256);
    const auto root = make_certificate(key, "CN=root", key, algorithm, {});
    TbsRequest request;
    request.subject = "CN=person";
    request.spki = key.spki();
    request.issuer = root;
    request.algorithm = algorithm;
    request.valid_from_ms = test_now_ms - test_year_ms;
    request.valid_to_ms = test_now_ms + 5 * test_year_ms;

    const auto facts = read_tbs(*build_tbs(request));

    EXPECT_EQ(facts->valid_from_ms, test_now_ms);
    EXPECT_EQ(facts->valid_to_ms, test_now_ms + 2 * test_year_ms);
}

TEST(Certificate, RefusesWhatIsNotOne) {
    EXPECT_EQ(read_certificate(hsm::view_of("no certificate")).error().kind, ErrorKind::invalid);
    EXPECT_EQ(from_pem("-----BEGIN nothing").error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::pki
