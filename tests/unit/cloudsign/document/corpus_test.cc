#include "tests/unit/cloudsign/document/corpus.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "cloudsign/document/pdf_intake.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

class Corpus : public testing::TestWithParam<CorpusFile> {
protected:
    void expect_signed(const std::string& base) {
        PdfSignature wish;
        wish.field = GetParam().field;
        wish.appearance.lines = {"Số: 12/QĐ-UBND", iso_time(now_ms())};
        const auto before = count_valid(base);

        const auto signed_pdf = site().an.sign(base, wish);

        ASSERT_TRUE(signed_pdf) << signed_pdf.error().detail;
        EXPECT_TRUE(signed_pdf->starts_with(base));
        EXPECT_EQ(count_valid(*signed_pdf), before + 1);
        EXPECT_EQ(judges_.qpdf_complaint(*signed_pdf), "");
        EXPECT_EQ(judges_.openssl_complaint(*signed_pdf), "");
    }

    // pdfsig lists empty fields too.
    std::ptrdiff_t count_valid(const std::string& pdf) {
        return std::ranges::count_if(judges_.pdfsig(pdf), &Judges::Signature::is_valid);
    }

    Judges& judges_ = site().judges;
};

TEST_P(Corpus, IsSignedForOthersOrRefusedInWords) {
    const auto& file = GetParam();
    const auto intake = take_in_pdf(hsm::view_of(file.pdf));
    if (file.fate == Fate::refused) {
        PdfSignature wish;
        wish.field = file.field;
        const auto prepared = site().an.prepare(file.pdf, wish);
        ASSERT_FALSE(prepared);
        const auto& said = intake ? prepared.error().detail : intake.error().detail;
        EXPECT_NE(said.find(file.words), std::string::npos) << said;
        return;
    }
    ASSERT_TRUE(intake) << intake.error().detail;
    EXPECT_EQ(!intake->rewritten.empty(), file.fate == Fate::rewritten);
    EXPECT_NE(intake->note.find(file.words), std::string::npos) << intake->note;
    expect_signed(intake->rewritten.empty() ? file.pdf
                                            : std::string(hsm::text_of(intake->rewritten)));
}

TEST(CorpusSize, IsThatOfTheWorld) {
    EXPECT_GE(corpus().size(), 60u);
}

INSTANTIATE_TEST_SUITE_P(Files, Corpus, testing::ValuesIn(corpus()), [](const auto& file) {
    return file.param.name;
});

}  // namespace
}  // namespace cloudsign::document
