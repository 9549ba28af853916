#include <gtest/gtest.h>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/cms_signature.h"
#include "hsm/openssl/digest.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

using evidence::site;
using evidence::test_algorithm;
using hsm::protocol::DigestAlgorithm;

const std::string text = "Hợp đồng số 1";

// CAdES as `kyso sign` and signDoc make it.
class DetachedVerifierTest : public VerifyTest {
protected:
    DetachedVerifierTest()
        : chain_{services_.authority.issue(key_, "CN=Nguyễn Văn A,C=VN", 42),
                 services_.authority.certificate()} {}

    Bytes sign(const std::string& content, bool is_inside = false) {
        const auto bytes = bytes_of(hsm::view_of(content));
        const auto hash = hsm::openssl::digest_of(bytes, DigestAlgorithm::sha256);
        const auto prepared =
            document::prepare_cms(hash, chain_.front(), test_algorithm, document::now_ms());
        return *document::finish_cms(*prepared,
                                     test_algorithm,
                                     key_.sign(test_algorithm, prepared->signed_attributes),
                                     chain_,
                                     is_inside ? &bytes : nullptr);
    }

    Bytes stamped(const Bytes& cms) {
        evidence::Timestamper timestamper({evidence::tsa_url},
                                          {services_.authority.certificate()},
                                          services_.fetch(),
                                          services_.clock);
        const auto parsed = document::CmsContents::read(cms);
        return *parsed->with_timestamp(*timestamper.stamp(
            DigestAlgorithm::sha256,
            hsm::openssl::digest_of(parsed->signature(), DigestAlgorithm::sha256)));
    }

    Report verified(const std::string& content, const Bytes& cms) {
        auto with = options();
        with.fetch = services_.fetch();
        return verify_detached(hsm::view_of(content), cms, with);
    }

    const pki::TestKey key_{hsm::protocol::KeyType::p256};
    const std::vector<Bytes> chain_;
};

TEST_F(DetachedVerifierTest, AcceptsWhatWeSign) {
    const auto report = verified(text, sign(text));

    expect(report, Verdict::valid, Code::no_timestamp);
    const auto& signature = report.signatures.at(0);
    EXPECT_EQ(signature.level, Level::b_b);
    EXPECT_EQ(signature.format, "CAdES");
    EXPECT_EQ(signature.signer->name, "Nguyễn Văn A");
    EXPECT_TRUE(signature.claimed_time_ms);
}

TEST_F(DetachedVerifierTest, ReadsItsTimestamp) {
    const auto report = verified(text, stamped(sign(text)));

    expect(report, Verdict::valid);
    EXPECT_EQ(report.signatures.at(0).level, Level::b_t);
    EXPECT_EQ(report.signatures[0].time_source, TimeSource::timestamp);
    EXPECT_EQ(report.signatures[0].time_stamper, "CN=TSA 201,C=VN");
}

TEST_F(DetachedVerifierTest, IsAboutTheDocumentThatIsShown) {
    expect(verified(text + "0", sign(text)), Verdict::invalid, Code::digest_mismatch);
    // Also where the CMS carries another one inside.
    expect(verified(text + "0", sign(text, true)), Verdict::invalid, Code::digest_mismatch);
    expect(verified(text, sign(text, true)), Verdict::valid);
}

TEST_F(DetachedVerifierTest, RefusesATimestampOfAnother) {
    const auto other = document::CmsContents::read(stamped(sign(text + "0")));
    const auto cms = document::CmsContents::read(sign(text));

    expect(verified(text, *cms->with_timestamp(other->timestamp())),
           Verdict::invalid,
           Code::timestamp_mismatch);
}

TEST_F(DetachedVerifierTest, RefusesWhatIsNoCms) {
    const auto good = sign(text);
    auto longer = good;
    longer.push_back(0);

    for (const auto& cms : {Bytes{}, bytes_of(hsm::view_of(text)), longer, chain_.front()}) {
        expect(verified(text, cms), Verdict::invalid, Code::cms_malformed);
    }
}

TEST_F(DetachedVerifierTest, NoByteOfItMayChange) {
    const auto good = sign(text);
    for (std::size_t at = 0; at < good.size(); at += 7) {
        auto cms = good;
        cms[at] ^= 0x04;

        const auto report = verified(text, cms);

        // What nothing signs: versions, and the issuer's certificate, which we have.
        if (report.verdict() == Verdict::valid) {
            const auto differing = document::CmsContents::read(cms);
            ASSERT_TRUE(differing);
            EXPECT_EQ(differing->signature(), document::CmsContents::read(good)->signature());
            EXPECT_EQ(differing->signer(), chain_.front()) << at;
        }
    }
}

TEST_F(DetachedVerifierTest, RefusesACertificateOfTheSameKeyThatIsNotNamed) {
    const auto bytes = bytes_of(hsm::view_of(text));
    const auto hash = hsm::openssl::digest_of(bytes, DigestAlgorithm::sha256);
    // The same issuer and number, so that SignerInfo names both; the attribute tells them apart.
    const auto twin = services_.authority.issue(key_, "CN=Trần Văn B,C=VN", 42);
    const auto prepared = document::prepare_cms(hash, twin, test_algorithm, std::nullopt);
    const auto cms = document::finish_cms(
        *prepared, test_algorithm, key_.sign(test_algorithm, prepared->signed_attributes), chain_);

    expect(verified(text, *cms), Verdict::invalid, Code::signing_certificate_mismatch);
}

}  // namespace
}  // namespace cloudsign::verify
