#include "cloudsign/document/pdf_intake.h"

#include <gtest/gtest.h>

#include "cloudsign/document/pdf_file.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

class PdfIntakeTest : public testing::Test {
protected:
    // What reads is signed, and valid for others.
    void expect_signable(const PdfIntake& intake) {
        const std::string pdf(hsm::text_of(intake.rewritten));
        const auto signed_pdf = person_.sign(pdf);
        ASSERT_TRUE(signed_pdf) << signed_pdf.error().detail;
        EXPECT_TRUE(judges_.pdfsig(*signed_pdf).at(0).is_valid);
        EXPECT_EQ(judges_.qpdf_complaint(*signed_pdf), "");
    }

    static Result<PdfIntake> take_in(const std::string& pdf) {
        return take_in_pdf(hsm::view_of(pdf));
    }

    // The words for the user, of intake and of signing alike.
    void expect_refused(const std::string& pdf, const std::string& words) {
        const auto intake = take_in(pdf);
        ASSERT_FALSE(intake);
        EXPECT_EQ(intake.error().kind, ErrorKind::invalid);
        EXPECT_NE(intake.error().detail.find(words), std::string::npos) << intake.error().detail;
        EXPECT_FALSE(person_.prepare(pdf));
    }

    Person& person_ = site().an;
    Judges& judges_ = site().judges;
};

TEST_F(PdfIntakeTest, LeavesAGoodFileAlone) {
    for (const auto& pdf : {sample_pdf(), stream_pdf(sample_pdf())}) {
        const auto intake = take_in(pdf);

        ASSERT_TRUE(intake);
        EXPECT_TRUE(intake->rewritten.empty());
        EXPECT_EQ(intake->note, "");
    }
}

TEST_F(PdfIntakeTest, RewritesAHybridFileThatNobodyHasSigned) {
    const auto pdf = hybrid_pdf(SamplePdf());
    EXPECT_FALSE(person_.prepare(pdf));

    const auto intake = take_in(pdf);

    ASSERT_TRUE(intake) << intake.error().detail;
    EXPECT_NE(intake->note.find("hybrid"), std::string::npos);
    const auto rewritten = PdfFile::open(intake->rewritten);
    ASSERT_TRUE(rewritten);
    EXPECT_FALSE((*rewritten)->is_hybrid());
    EXPECT_EQ((*rewritten)->pdf().getPDFVersion(), "1.7");
    expect_signable(*intake);
}

TEST_F(PdfIntakeTest, RepairsADamagedFileThatNobodyHasSignedAndSaysSo) {
    auto pdf = sample_pdf();
    pdf.replace(pdf.find("startxref\n") + 10, 3, "007");

    const auto intake = take_in(pdf);

    ASSERT_TRUE(intake) << intake.error().detail;
    EXPECT_NE(intake->note.find("repaired: it has 1 page"), std::string::npos) << intake->note;
    expect_signable(*intake);
}

TEST_F(PdfIntakeTest, NeverRewritesASignedFile) {
    auto damaged = *person_.sign(sample_pdf());
    damaged.replace(damaged.rfind("startxref\n") + 10, 3, "007");

    expect_refused(damaged, "is signed, so that it cannot be repaired");

    SamplePdf sample;
    sample.objects = "110 0 obj\n<< /Type /Sig /ByteRange [0 1 2 3] >>\nendobj\n";
    expect_refused(hybrid_pdf(sample), "is signed, so that it cannot be rewritten");
}

TEST_F(PdfIntakeTest, RefusesAnEncryptedFile) {
    const auto owner = rewritten_pdf(sample_pdf(), [](QPDFWriter& writer) {
        writer.setR6EncryptionParameters(
            "", "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
    });
    const auto user = rewritten_pdf(sample_pdf(), [](QPDFWriter& writer) {
        writer.setR6EncryptionParameters(
            "user", "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
    });

    expect_refused(owner, "encrypted");
    expect_refused(user, "encrypted");
}

TEST_F(PdfIntakeTest, RefusesWhatStandsBeforeTheHead) {
    expect_refused("\n" + sample_pdf(), "does not begin with %PDF-");
}

TEST_F(PdfIntakeTest, RefusesWhatIsNoPdf) {
    expect_refused("Hợp đồng", "no PDF");
    expect_refused("", "no PDF");
}

TEST_F(PdfIntakeTest, RefusesWhatCannotBeRepaired) {
    expect_refused("%PDF-1.7\nnothing else", "damaged");
}

TEST_F(PdfIntakeTest, RefusesAnXfaForm) {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [] /XFA [] >>";

    EXPECT_NE(person_.prepare(sample_pdf(sample)).error().detail.find("XFA"), std::string::npos);
}

TEST_F(PdfIntakeTest, RefusesCrossReferencesInACircle) {
    auto pdf = sample_pdf();
    const auto start = pdf.substr(pdf.rfind("startxref\n") + 10);
    pdf.insert(pdf.find("/Root 1 0 R"), "/Prev " + start.substr(0, start.find('\n')) + " ");

    const auto file = PdfFile::open(hsm::view_of(pdf));

    ASSERT_FALSE(file);
    EXPECT_NE(file.error().detail.find("circle"), std::string::npos) << file.error().detail;
}

TEST_F(PdfIntakeTest, RefusesAPageTreeInACircle) {
    SamplePdf sample;
    sample.page_extra = "/Kids [2 0 R]";

    EXPECT_NE(person_.prepare(sample_pdf(sample)).error().detail.find("page tree"),
              std::string::npos);
}

TEST_F(PdfIntakeTest, RefusesAPageThatIsNamedAgainAndAgain) {
    auto pdf = sample_pdf();
    const auto kids = pdf.find("/Kids [") + 7;
    ASSERT_NE(pdf.find("/Kids ["), std::string::npos);
    const auto page = pdf.substr(kids, pdf.find(']', kids) - kids) + " ";
    std::string again;
    for (int i = 0; i < 100'000; ++i) {
        again += page;
    }
    pdf.insert(kids, again);

    const auto taken = take_in_pdf(hsm::view_of(pdf));

    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().detail.find("again and again"), std::string::npos)
        << taken.error().detail;
}

TEST_F(PdfIntakeTest, RefusesMoreBytesThanAreTaken) {
    const auto pdf = sample_pdf();

    const auto file = PdfFile::open(hsm::view_of(pdf), pdf.size() - 1);

    ASSERT_FALSE(file);
    EXPECT_NE(file.error().detail.find("too large"), std::string::npos);
}

}  // namespace
}  // namespace cloudsign::document
