#include <sys/resource.h>

#include <gtest/gtest.h>

#include "cloudsign/document/deflate.h"
#include "cloudsign/document/pdf_intake.h"
#include "tests/unit/cloudsign/verify/attacker.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

// Small files that unpack to very large ones.
namespace cloudsign::verify {
namespace {

using document::sample_pdf;
using document::SamplePdf;
using evidence::site;

constexpr std::size_t much = 200 * 1024 * 1024;

std::string deflated(const std::string& content) {
    return document::deflate(content);
}

// 200 KB of 200 MB.
const std::string& bomb() {
    static const std::string made = deflated(std::string(much, ' '));
    return made;
}

long peak_kb() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

class SwellingTest : public VerifyTest {
protected:
    // None of it is kept while it is looked at.
    void expect_bounded(const std::string& pdf, Code code, const std::string& words) {
        const auto before = peak_kb();
        const auto report = verified(pdf);
        EXPECT_LT(peak_kb() - before, 300 * 1024);
        EXPECT_NE(report.verdict(), Verdict::valid);
        EXPECT_TRUE(found(report, code)) << names_of(report);
        EXPECT_NE(names_of(report).find(words), std::string::npos) << names_of(report);
        auto more = pdf;
        const auto raised = site().raise(more, evidence::Level::lta);
        ASSERT_TRUE(raised.missed);
        EXPECT_NE(raised.missed->detail.find(words), std::string::npos) << raised.missed->detail;
    }

    static std::string with_evidence(const std::string& pdf, const std::string& stream) {
        const auto at = pdf.find("/AcroForm");
        const auto form = pdf.substr(at, pdf.find('R', at + 10) + 1 - at);
        return updated(pdf,
                       {{{1, "<< /Type /Catalog /Pages 2 0 R " + form + " /DSS 950 0 R >>"},
                         {950, "<< /Certs [951 0 R] >>"},
                         {951, stream}},
                        "/Root 1 0 R",
                        {}});
    }
};

TEST_F(SwellingTest, Evidence) {
    const auto good = signed_pdf();
    expect_bounded(with_evidence(good, stream_of(bomb(), "/Filter /FlateDecode")),
                   Code::store_unreadable,
                   "more than is taken");
    expect_bounded(
        with_evidence(good, stream_of(deflated(bomb()), "/Filter [/FlateDecode /FlateDecode]")),
        Code::store_unreadable,
        "a way that is not taken");
    // The row of a predictor that is announced, and kept in memory twice.
    expect_bounded(
        with_evidence(good,
                      stream_of(deflated("x"),
                                "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns "
                                "2000000000 >>")),
        Code::store_unreadable,
        "a way that is not taken");
    expect_bounded(with_evidence(good, stream_of("x", "/Filter /RunLengthDecode")),
                   Code::store_unreadable,
                   "a way that is not taken");
}

TEST_F(SwellingTest, ObjectAndCrossReferenceStreams) {
    const auto good = signed_pdf();
    const std::string keys = "/Type /ObjStm /N 1 /First 6 ";
    for (const auto& body :
         {stream_of(bomb(), keys + "/Filter /FlateDecode"),
          stream_of(deflated(bomb()), keys + "/Filter [/FlateDecode /FlateDecode]")}) {
        const Section section{
            {{.number = 2, .generation = 910, .index = 0}, {.number = 910, .body = body}},
            Form::stream};
        expect_bounded(appended(good, section), Code::unreadable, "taken");
        const auto taken = document::take_in_pdf(hsm::view_of(appended(sample_pdf(), section)));
        ASSERT_FALSE(taken);
        EXPECT_NE(taken.error().detail.find("taken"), std::string::npos) << taken.error().detail;
    }
    for (const auto* filter : {"/FlateDecode", "[/FlateDecode /FlateDecode]"}) {
        for (const auto& base : {good, sample_pdf()}) {
            const auto start = base.size() + 1;
            const auto packed = filter[0] == '[' ? deflated(bomb()) : bomb();
            const auto pdf =
                base + "\n990 0 obj\n" +
                stream_of(packed,
                          "/Type /XRef /Size 991 /W [1 4 2] /Root 1 0 R /Prev " +
                              std::to_string(last_start(base)) + " /Filter " + filter) +
                "\nendobj\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
            if (base == good) {
                expect_bounded(pdf, Code::unreadable, "taken");
            } else {
                EXPECT_FALSE(document::take_in_pdf(hsm::view_of(pdf)));
            }
        }
    }
}

}  // namespace
}  // namespace cloudsign::verify
