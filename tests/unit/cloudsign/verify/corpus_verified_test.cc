#include <gtest/gtest.h>

#include "cloudsign/document/pdf_intake.h"
#include "tests/unit/cloudsign/document/corpus.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

using document::CorpusFile;
using document::Fate;
using evidence::site;

// Every kind of file that we sign is found valid, and pdfsig agrees.
class CorpusVerified : public VerifyTest, public testing::WithParamInterface<CorpusFile> {};

TEST_P(CorpusVerified, IsValidWithAllItsEvidence) {
    const auto& file = GetParam();
    const auto intake = document::take_in_pdf(hsm::view_of(file.pdf));
    ASSERT_TRUE(intake) << intake.error().detail;
    document::PdfSignature wish;
    wish.field = file.field;
    const auto base =
        intake->rewritten.empty() ? file.pdf : std::string(hsm::text_of(intake->rewritten));
    const auto pdf = raised(*site().an.sign(base, wish), evidence::Level::lta);

    const auto report = verified(pdf);

    ASSERT_FALSE(report.signatures.empty());
    std::size_t people = 0;
    for (const auto& signature : report.signatures) {
        if (signature.kind != SignatureKind::pdf) {
            continue;
        }
        ++people;
        // Others in the corpus have an authority that is not this one.
        const bool is_own =
            has(signature.findings, Code::untrusted_root) || signature.verdict() == Verdict::valid;
        EXPECT_TRUE(is_own) << names_of(report);
    }
    const auto& own = report.signatures.at(people - 1);
    EXPECT_EQ(verdict_name(own.verdict()), "valid") << names_of(report);
    EXPECT_EQ(own.level, Level::b_lta);
    const auto others = judges_.pdfsig(pdf);
    EXPECT_EQ(
        std::ranges::count_if(
            others, [](const auto& one) { return one.is_valid && one.type != "ETSI.RFC3161"; }),
        static_cast<std::ptrdiff_t>(people));
}

std::vector<CorpusFile> signed_files() {
    auto files = document::corpus();
    std::erase_if(files, [](const auto& file) { return file.fate == Fate::refused; });
    return files;
}

INSTANTIATE_TEST_SUITE_P(Files,
                         CorpusVerified,
                         testing::ValuesIn(signed_files()),
                         [](const auto& file) { return file.param.name; });

}  // namespace
}  // namespace cloudsign::verify
