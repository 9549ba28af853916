#include <gtest/gtest.h>

#include "cloudsign/document/pdf_intake.h"
#include "tests/unit/cloudsign/document/corpus.h"
#include "tests/unit/cloudsign/evidence/evidence_site.h"

namespace cloudsign::evidence {
namespace {

using document::CorpusFile;
using document::Fate;

// Every kind of file that can be signed also takes what raises it, and is renewed.
class CorpusLevels : public WithSite, public testing::WithParamInterface<CorpusFile> {};

TEST_P(CorpusLevels, AreRaisedAndRenewed) {
    const auto& file = GetParam();
    const auto intake = document::take_in_pdf(hsm::view_of(file.pdf));
    ASSERT_TRUE(intake) << intake.error().detail;
    document::PdfSignature wish;
    wish.field = file.field;
    auto pdf = *site().an.sign(
        intake->rewritten.empty() ? file.pdf : std::string(hsm::text_of(intake->rewritten)), wish);
    const auto places = document::read_signatures(hsm::view_of(pdf));
    ASSERT_TRUE(places) << places.error().detail;
    const auto before = pdf;

    const auto raised = site().raise(pdf, Level::lta);
    const auto archived = pdf;
    const auto renewed = site().renew(pdf);

    ASSERT_FALSE(raised.missed) << raised.missed->detail;
    ASSERT_FALSE(renewed.missed) << renewed.missed->detail;
    EXPECT_EQ(renewed.level, Level::lta);
    const auto& own = places->back().place;
    EXPECT_TRUE(pdf.starts_with(before.substr(0, own.contents)));
    EXPECT_EQ(pdf.substr(own.behind, before.size() - own.behind), before.substr(own.behind));
    EXPECT_TRUE(pdf.starts_with(archived));
    EXPECT_EQ(judges_.qpdf_complaint(pdf), "");
    const auto signatures = judges_.pdfsig(pdf);
    EXPECT_GE(std::ranges::count_if(signatures, &document::Judges::Signature::is_valid),
              static_cast<std::ptrdiff_t>(places->size()));
}

std::vector<CorpusFile> signed_files() {
    auto files = document::corpus();
    std::erase_if(files, [](const auto& file) { return file.fate == Fate::refused; });
    return files;
}

INSTANTIATE_TEST_SUITE_P(Files,
                         CorpusLevels,
                         testing::ValuesIn(signed_files()),
                         [](const auto& file) { return file.param.name; });

}  // namespace
}  // namespace cloudsign::evidence
