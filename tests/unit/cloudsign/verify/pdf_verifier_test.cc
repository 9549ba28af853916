#include <gtest/gtest.h>

#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

using document::sample_pdf;
using document::SamplePdf;
using document::stream_pdf;
using evidence::site;

class PdfVerifierTest : public VerifyTest {};

TEST_F(PdfVerifierTest, TellsLevelByLevelWhatIsKnown) {
    auto pdf = signed_pdf();

    const auto b_b = verified(pdf);
    expect(b_b, Verdict::indeterminate, Code::status_unchecked);
    expect(b_b, Verdict::indeterminate, Code::no_timestamp);
    EXPECT_EQ(b_b.signatures.at(0).level, Level::b_b);
    pdf = raised(pdf, evidence::Level::t);
    const auto b_t = verified(pdf);
    expect(b_t, Verdict::indeterminate, Code::status_unchecked);
    EXPECT_FALSE(found(b_t, Code::no_timestamp)) << names_of(b_t);
    pdf = raised(pdf, evidence::Level::lt);
    const auto b_lt = verified(pdf);
    expect(b_lt, Verdict::valid);
    EXPECT_EQ(b_lt.signatures.at(0).level, Level::b_lt);
    EXPECT_EQ(b_lt.signatures.at(0).time_source, TimeSource::timestamp);
    pdf = raised(pdf, evidence::Level::lta);
    const auto b_lta = verified(pdf);
    expect(b_lta, Verdict::valid);
    ASSERT_EQ(b_lta.signatures.size(), 2u);
    EXPECT_EQ(b_lta.signatures[0].level, Level::b_lta) << names_of(b_lta);
    EXPECT_EQ(b_lta.signatures[1].kind, SignatureKind::document_timestamp);
    EXPECT_EQ(b_lta.signatures[0].signer->name, "Nguyễn Văn A");
}

TEST_F(PdfVerifierTest, AsksOthersOnlyWhenTold) {
    const auto pdf = signed_pdf();

    services_.asked.clear();
    verified(pdf);
    EXPECT_TRUE(services_.asked.empty());
    const auto report = verified_online(pdf);

    expect(report, Verdict::valid, Code::no_timestamp);
    EXPECT_TRUE(report.signatures.at(0).status.is_online);
    EXPECT_EQ(report.signatures[0].status.source, "ocsp");
}

}  // namespace
}  // namespace cloudsign::verify
