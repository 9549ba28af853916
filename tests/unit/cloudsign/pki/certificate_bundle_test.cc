#include "cloudsign/pki/certificate_bundle.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "cloudsign/pki/certificate.h"
#include "tests/unit/cloudsign/external_ca/test_ca.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

class CertificateBundleTest : public testing::Test {
protected:
    // As `openssl crl2pkcs7 -nocrl` writes it.
    openssl::Pkcs7Ptr bundle(const std::vector<Bytes>& certificates) const {
        openssl::Pkcs7Ptr made(PKCS7_new());
        PKCS7_set_type(made.get(), NID_pkcs7_signed);
        PKCS7_content_new(made.get(), NID_pkcs7_data);
        for (const auto& der : certificates) {
            const auto certificate = openssl::read_x509(der);
            PKCS7_add_certificate(made.get(), certificate.get());
        }
        return made;
    }

    const external_ca::TestCa root_{"CN=Root", 1'790'000'000'000};
    const external_ca::TestCa between_{"CN=Between", 1'790'000'000'000, &root_};
    const std::vector<Bytes> both_{between_.certificate(), root_.certificate()};
};

hsm::ByteView bytes(const std::string& text) {
    return hsm::view_of(text);
}

TEST_F(CertificateBundleTest, ReadsPemWithWhateverStandsBetween) {
    const auto text = "Chứng thư\n" + to_pem(both_[0]) +
                      "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + to_pem(both_[1]);

    const auto read = read_bundle(bytes(text));

    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(*read, both_);
}

TEST_F(CertificateBundleTest, ReadsOneInDer) {
    EXPECT_EQ(*read_bundle(both_[0]), std::vector<Bytes>{both_[0]});
}

TEST_F(CertificateBundleTest, ReadsBundlesInBothForms) {
    const auto made = bundle(both_);
    const auto der = openssl::to_der(made.get(), i2d_PKCS7);
    EXPECT_EQ(*read_bundle(der), both_);

    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS7(out.get(), made.get());
    EXPECT_EQ(*read_bundle(bytes(openssl::text_of(out.get()))), both_);
}

TEST_F(CertificateBundleTest, SaysWhereThereIsNone) {
    auto cut = both_[0];
    cut.pop_back();
    auto longer = both_[0];
    longer.push_back(0);
    const auto empty = openssl::to_der(bundle({}).get(), i2d_PKCS7);
    const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (const auto& file : {Bytes(), cut, longer, empty, bytes_of(bytes(broken))}) {
        const auto read = read_bundle(file);
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error().kind, ErrorKind::invalid);
    }
}

}  // namespace
}  // namespace cloudsign::pki
