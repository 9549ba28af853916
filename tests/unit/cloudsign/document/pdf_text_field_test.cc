#include "cloudsign/document/pdf_text_field.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_increment.h"
#include "cloudsign/revision/standing.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

constexpr auto is_dark = [](int r, int g, int b) { return r < 128 && g < 128 && b < 128; };

PdfSignature filling(const FieldTexts& texts) {
    PdfSignature wish;
    wish.fill = texts;
    return wish;
}

// One page with a text field "so" of these keys, at [100 700 160 720].
std::string form_pdf(const std::string& keys,
                     const std::string& form = "",
                     const std::string& annotations = "[100 0 R]",
                     const std::string& fields = "100 0 R") {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [" + fields + "] " + form + " >>";
    sample.page_extra = "/Annots " + annotations;
    sample.content = "";
    const auto key = [&](const std::string& name, const std::string& usual) {
        return keys.find(name + " ") == std::string::npos ? name + " " + usual + " " : "";
    };
    sample.objects =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (so) " + key("/F", "4") +
        key("/P", "4 0 R") + key("/Rect", "[100 700 160 720]") + keys +
        " >>\nendobj\n101 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 60 20] "
        "/Length 23 >>\nstream\nBT (PAY 100 USD) Tj ET \nendstream\nendobj\n102 0 obj\n<< "
        "/Type /XObject /Subtype /Form /BBox [0 0 60 20] /Length 26 >>\nstream\n0 0 60 20 "
        "re S /Tx BMC EMC\nendstream\nendobj\n";
    return sample_pdf(sample);
}

class PdfTextFieldTest : public testing::Test {
protected:
    static Result<std::string> reserved(const std::string& pdf, const TextPlace& place) {
        TRY_ASSIGN(const auto increment, reserve_text(hsm::view_of(pdf), place));
        return pdf + increment;
    }

    std::string sign(const Person& person, const std::string& pdf, const PdfSignature& wish = {}) {
        auto signed_pdf = person.sign(pdf, wish);
        EXPECT_TRUE(signed_pdf) << signed_pdf.error().detail;
        return signed_pdf ? *std::move(signed_pdf) : "";
    }

    void expect_all_valid(const std::string& pdf, std::size_t count) {
        const auto signatures = judges_.pdfsig(pdf);
        ASSERT_EQ(signatures.size(), count);
        for (const auto& signature : signatures) {
            EXPECT_TRUE(signature.is_valid && signature.is_trusted) << signature.signer;
        }
        EXPECT_EQ(judges_.qpdf_complaint(pdf), "");
        const auto stands = revision::check_standing(hsm::view_of(pdf));
        EXPECT_TRUE(stands) << stands.error().detail;
    }

    void expect_refused(const Result<std::string>& made, const std::string& words) {
        ASSERT_FALSE(made) << words;
        EXPECT_NE(made.error().detail.find(words), std::string::npos) << made.error().detail;
    }

    const Person& an_ = site().an;
    const Person& office_ = site().binh;
    Judges& judges_ = site().judges;
};

TEST_F(PdfTextFieldTest, ASealFillsInWhatThePersonSignedWithout) {
    for (const int rotation : {0, 90, 180, 270}) {
        SamplePdf sample;
        sample.media_box = "[0 0 400 300]";
        sample.content = "";
        sample.page_extra = "/CropBox [50 20 350 280] /Rotate " + std::to_string(rotation);
        const auto paper = reserved(sample_pdf(sample), {"so", 1, {100, 40, 100, 16}, 13});
        ASSERT_TRUE(paper) << paper.error().detail;
        EXPECT_EQ(judges_.paint(*paper).count(90, 30, 210, 70, is_dark), 0);
        const auto by_person = sign(an_, *paper);

        const auto numbered = sign(office_, by_person, filling({{"so", "Số 12/QĐ"}}));

        EXPECT_TRUE(numbered.starts_with(by_person));
        expect_all_valid(numbered, 2);
        EXPECT_NE(judges_.text(numbered).find("Số 12/QĐ"), std::string::npos)
            << judges_.text(numbered);
        const auto painted = judges_.paint(numbered);
        EXPECT_GT(painted.count(100, 40, 160, 56, is_dark), 60) << rotation;
        EXPECT_EQ(painted.count(0, 60, painted.width, painted.height, is_dark), 0) << rotation;
        EXPECT_EQ(painted.count(0, 0, 98, painted.height, is_dark), 0) << rotation;
    }
}

TEST_F(PdfTextFieldTest, SeveralPlacesOnAnyKindOfFile) {
    for (const auto& pdf : {sample_pdf(), stream_pdf(sample_pdf()), form_pdf("", "/DR << >>")}) {
        const auto first = reserved(pdf, {"ngày", 1, {300, 700, 20, 16}, 13});
        ASSERT_TRUE(first) << first.error().detail;
        const auto both = reserved(*first, {"tháng", 1, {350, 700, 20, 16}, 13});
        ASSERT_TRUE(both) << both.error().detail;
        EXPECT_EQ(judges_.qpdf_complaint(*both), "");
        expect_refused(reserved(*both, {"ngày", 1, {10, 10, 20, 16}, 13}), "already");

        const auto dated =
            sign(office_, sign(an_, *both), filling({{"ngày", "02"}, {"tháng", "9"}}));

        expect_all_valid(dated, 2);
        EXPECT_NE(judges_.text(dated).find("02"), std::string::npos);
    }
}

TEST_F(PdfTextFieldTest, WhatIsFilledInIsLocked) {
    const auto numbered = sign(office_, form_pdf(""), filling({{"so", "12"}}));

    auto again = an_.sign(numbered, filling({{"so", "13"}}));
    expect_refused(again, "filled in already");
    const auto file = PdfFile::open(hsm::view_of(numbered));
    ASSERT_TRUE(file);
    auto form = PdfForm::read(**file);
    ASSERT_TRUE(form);
    EXPECT_TRUE(form->is_locked("so"));
    auto* field = form->find("so");
    ASSERT_NE(field, nullptr);
    field->object.replaceKey("/V", QPDFObjectHandle::newString("99"));
    PdfIncrement increment(**file);
    increment.touch(field->object);
    const auto stands = revision::check_standing(hsm::view_of(numbered + increment.write().text));
    ASSERT_FALSE(stands);
    EXPECT_NE(stands.error().detail.find("value_changed so"), std::string::npos)
        << stands.error().detail;
}

TEST_F(PdfTextFieldTest, WhatIsFilledInStandsWhenItsEvidenceIsAdded) {
    const auto numbered = sign(office_, sign(an_, form_pdf("")), filling({{"so", "12"}}));
    const auto file = PdfFile::open(hsm::view_of(numbered));
    ASSERT_TRUE(file);
    PdfIncrement increment(**file);
    (*file)->root().replaceKey("/DSS", QPDFObjectHandle::parse("<< /Certs [] >>"));
    increment.touch((*file)->root());

    expect_all_valid(numbered + increment.write().text, 2);
}

TEST_F(PdfTextFieldTest, WhatAFieldShowsWithoutAValueIsNotReplaced) {
    expect_refused(an_.sign(form_pdf("/AP << /N 101 0 R >>"), filling({{"so", "12"}})),
                   "shows something");
    // A border is nothing that somebody has read.
    expect_all_valid(sign(an_, form_pdf("/AP << /N 102 0 R >>"), filling({{"so", "12"}})), 1);

    // Whoever does it all the same is told of.
    const auto headed = sign(an_, form_pdf("/AP << /N 101 0 R >>"));
    const auto file = PdfFile::open(hsm::view_of(headed));
    ASSERT_TRUE(file);
    auto form = PdfForm::read(**file);
    ASSERT_TRUE(form);
    auto widget = form->find("so")->object;
    PdfIncrement increment(**file);
    widget.replaceKey("/V", QPDFObjectHandle::newString("12"));
    widget.getKey("/AP").replaceKey(
        "/N",
        increment.add_stream(QPDFObjectHandle::parse("<< /Subtype /Form /BBox [0 0 60 20] >>"),
                             "BT (EVIL) Tj ET"));
    increment.touch(widget);
    const auto stands = revision::check_standing(hsm::view_of(headed + increment.write().text));
    ASSERT_FALSE(stands);
    EXPECT_NE(stands.error().detail.find("value_changed so"), std::string::npos)
        << stands.error().detail;
}

TEST_F(PdfTextFieldTest, WhatAFieldShowsWithoutAValueIsNotWrittenOver) {
    const auto headed = sign(an_, form_pdf("/AP << /N 101 0 R >>"));
    const auto file = PdfFile::open(hsm::view_of(headed));
    ASSERT_TRUE(file);
    auto form = PdfForm::read(**file);
    ASSERT_TRUE(form);
    auto widget = form->find("so")->object;
    PdfIncrement increment(**file);
    widget.replaceKey("/V", QPDFObjectHandle::newString("12"));
    increment.touch(widget);
    auto update = increment.write().text;
    // The drawing itself, where it was: the widget still names object 101.
    const std::string drawing =
        "101 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 60 20] /Length 16 >>\nstream\n"
        "BT (EVIL) Tj ET \nendstream\nendobj\n";
    const auto base = headed + update;
    const auto previous = base.rfind("startxref\n") + 10;
    char offset[16];
    std::snprintf(offset, sizeof offset, "%010zu", base.size());
    const auto painted = base + drawing + "xref\n101 1\n" + offset +
                         " 00000 n \ntrailer\n<< /Prev " +
                         base.substr(previous, base.find('\n', previous) - previous) +
                         " /Root 1 0 R /Size 106 >>\nstartxref\n" +
                         std::to_string(base.size() + drawing.size()) + "\n%%EOF\n";

    const auto stands = revision::check_standing(hsm::view_of(painted));

    ASSERT_FALSE(stands);
    EXPECT_NE(stands.error().detail.find("value_changed so"), std::string::npos)
        << stands.error().detail;
}

TEST_F(PdfTextFieldTest, ReadersShowWhatIsDrawn) {
    const auto need = form_pdf("", "/NeedAppearances true");
    const auto paper = reserved(need, {"ngày", 1, {300, 700, 60, 16}, 13});
    ASSERT_TRUE(paper) << paper.error().detail;
    const auto numbered = sign(office_, sign(an_, *paper), filling({{"so", "12/QĐ"}}));
    expect_all_valid(numbered, 2);
    EXPECT_NE(judges_.text(numbered).find("12/QĐ"), std::string::npos) << judges_.text(numbered);
    // As the first signature it may do so, too.
    const auto first = sign(office_, need, filling({{"so", "12/QĐ"}}));
    expect_all_valid(first, 1);
    EXPECT_NE(judges_.text(first).find("12/QĐ"), std::string::npos) << judges_.text(first);

    expect_refused(office_.sign(sign(an_, need), filling({{"so", "12"}})), "NeedAppearances");
    expect_refused(
        reserved(form_pdf("/V (1)", "/NeedAppearances true"), {"ngày", 1, {300, 700, 60, 16}, 13}),
        "NeedAppearances");
}

TEST_F(PdfTextFieldTest, AFieldIsKnownHoweverItsNameWasTyped) {
    const auto paper = reserved(sample_pdf(), {"so\xcc\x82\xcc\x81", 1, {72, 600, 60, 16}, 13});
    ASSERT_TRUE(paper) << paper.error().detail;
    expect_refused(reserved(*paper, {"số", 1, {72, 500, 60, 16}, 13}), "already");
    const auto wrong = an_.sign(*paper, filling({{"so", "1"}}));
    expect_refused(wrong, "empty ones are \"số\"");

    const auto numbered = sign(an_, *paper, filling({{"so\xcc\x82\xcc\x81", "12"}}));

    const auto file = PdfFile::open(hsm::view_of(numbered));
    ASSERT_TRUE(file);
    const auto form = PdfForm::read(**file);
    ASSERT_TRUE(form);
    EXPECT_TRUE(form->is_locked("số"));
}

TEST_F(PdfTextFieldTest, ACertifiedFormIsFilledIn) {
    const auto form = form_pdf("");
    PdfSignature certifying;
    certifying.certification = Certification::fields_only;
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R 101 0 R] >>";
    sample.page_extra = "/Annots [100 0 R 101 0 R]";
    sample.objects =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (so) /F 4 /P 4 0 R "
        "/Rect [100 700 160 720] >>\nendobj\n101 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig "
        "/T (seal) /F 132 /P 4 0 R /Rect [0 0 0 0] >>\nendobj\n";
    auto wish = filling({{"so", "12"}});
    wish.field = "seal";

    const auto numbered = sign(office_, sign(an_, sample_pdf(sample), certifying), wish);

    expect_all_valid(numbered, 2);
    // Both at once: who certifies fills in, too.
    certifying.fill = {{"so", "12"}};
    expect_all_valid(sign(an_, form, certifying), 1);
}

TEST_F(PdfTextFieldTest, TextIsAsLargeAsItsFieldSaysAndAsFits) {
    const auto height_of = [&](const std::string& keys, const std::string& text) {
        const auto painted = judges_.paint(sign(an_, form_pdf(keys), filling({{"so", text}})));
        int rows = 0;
        for (int y = 690; y < 730; ++y) {
            rows += painted.count(90, y, 170, y + 1, is_dark) > 0 ? 1 : 0;
        }
        return rows;
    };
    const int large = height_of("/DA (/F 16 Tf 0 g)", "H");
    const int small = height_of("/DA (/F 8 Tf 0 g)", "H");
    const int narrow = height_of("/DA (/F 16 Tf 0 g)", "HHHHHHHHHH");

    EXPECT_NEAR(large, 11, 2);  // a capital is two thirds of the font size
    EXPECT_NEAR(small, 6, 2);
    EXPECT_LT(narrow, large - 2);
    EXPECT_NEAR(height_of("", "H"), 9, 2);  // 14 points where nothing is said
}

TEST_F(PdfTextFieldTest, AFieldShownTwiceIsFilledTwice) {
    SamplePdf sample;
    sample.content = "";
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R] >>";
    sample.page_extra = "/Annots [101 0 R 102 0 R]";
    sample.objects =
        "100 0 obj\n<< /FT /Tx /T (so) /Kids [101 0 R 102 0 R] >>\nendobj\n"
        "101 0 obj\n<< /Type /Annot /Subtype /Widget /Parent 100 0 R /F 4 /P 4 0 R "
        "/Rect [100 700 160 720] >>\nendobj\n"
        "102 0 obj\n<< /Type /Annot /Subtype /Widget /Parent 100 0 R /F 4 /P 4 0 R "
        "/Rect [100 100 160 120] >>\nendobj\n";

    const auto numbered = sign(office_, sign(an_, sample_pdf(sample)), filling({{"so", "12"}}));

    expect_all_valid(numbered, 2);
    const auto painted = judges_.paint(numbered);
    EXPECT_GT(painted.count(100, 700, 160, 720, is_dark), 10);
    EXPECT_GT(painted.count(100, 100, 160, 120, is_dark), 10);
}

TEST_F(PdfTextFieldTest, PlacesThatAreNoneAreRefused) {
    const auto pdf = sample_pdf();
    const PdfBox box{100, 700, 60, 16};

    expect_refused(reserved(pdf, {"", 1, box, 13}), "name");
    for (const auto* name : {"a.b", "a=b", "a/b", " a", "a "}) {
        expect_refused(reserved(pdf, {name, 1, box, 13}), "name");
    }
    expect_refused(reserved(pdf, {"so", 1, {100, 700, 6, 16}, 13}), "6.50 points wide");
    expect_refused(reserved(pdf, {"a\nb", 1, box, 13}), "name");
    expect_refused(reserved(pdf, {"so", 2, box, 13}), "page");
    expect_refused(reserved(pdf, {"so", 1, {560, 700, 60, 16}, 13}), "595.00 x 842.00");
    expect_refused(reserved(pdf, {"so", 1, {100, 700, 60, 10}, 13}), "15.60 points high");
    expect_refused(reserved(pdf, {"so", 1, box, 0}), "4 to 72");
    expect_refused(reserved(sign(an_, pdf), {"so", 1, box, 13}), "before anybody signs");
    expect_refused(reserved(form_pdf(""), {"so", 1, box, 13}), "already");
}

TEST_F(PdfTextFieldTest, FieldsThatCannotBeFilledInAreRefused) {
    const auto refused = [&](const std::string& pdf, const FieldTexts& texts) {
        return an_.sign(pdf, filling(texts));
    };
    const auto missing = refused(form_pdf(""), {{"number", "12"}});
    expect_refused(missing, "no text field \"number\"");
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
    expect_refused(refused(form_pdf("/V (11)"), {{"so", "12"}}), "filled in already");
    expect_refused(refused(form_pdf("/Ff 16777216 /MaxLen 9"), {{"so", "12"}}), "single letters");
    expect_refused(refused(form_pdf("/Ff 8192"), {{"so", "12"}}), "password");
    expect_refused(refused(form_pdf("/MaxLen 2"), {{"so", "123"}}), "takes 2 letters");
    expect_refused(refused(form_pdf(""), {{"so", ""}}), "Nothing is given");
    expect_refused(refused(form_pdf(""), {{"so", " \xc2\xa0"}}), "Nothing is given");
    for (const auto* text : {"\xff",
                             "1\n2",
                             "1\xc2\xad"
                             "2",
                             "1\xe2\x80\x8b"
                             "2"}) {
        expect_refused(refused(form_pdf(""), {{"so", text}}), "everybody reads alike");
    }
    expect_refused(refused(form_pdf("/TU (x/ByteRange)"), {{"so", "12"}}), "/ByteRange");
    expect_refused(refused(form_pdf("/F 2"), {{"so", "12"}}), "not shown");
    expect_refused(refused(form_pdf("/F 36"), {{"so", "12"}}), "not shown");
    expect_refused(refused(form_pdf("", "", "[]"), {{"so", "12"}}), "not shown");
    expect_refused(refused(form_pdf("/Rect [1000 2000 1060 2020]"), {{"so", "12"}}), "not shown");
    expect_refused(refused(form_pdf("/P null"), {{"so", "12"}}), "/P");
    expect_refused(refused(form_pdf("", "", "[100 0 R]", "100 0 R 100 0 R"), {{"so", "12"}}),
                   "several fields");
    expect_refused(refused(form_pdf(""), {{"so", "<< /ByteRange ["}}), "/ByteRange");
    expect_refused(refused(form_pdf(""), {{"so", std::string(200, 'W')}}), "too small");
}

TEST_F(PdfTextFieldTest, TextGoesOnBehindAPhraseOnItsBaseLine) {
    SamplePdf sample;
    sample.content = "BT /F1 13 Tf 72 720 Td (So: xx) Tj ET";
    // As pdftotext draws a box around Helvetica's "So:" there.
    const auto box = box_after({72, 717.3, 22, 13 * 1.156}, 60, 13);
    const auto paper = reserved(sample_pdf(sample), {"so", 1, box, 13});
    ASSERT_TRUE(paper) << paper.error().detail;

    const auto painted = judges_.paint(sign(an_, *paper, filling({{"so", "HHHH"}})));

    // Nothing below the base line, and a row of letters on it.
    EXPECT_EQ(painted.count(97, 700, 160, 719, is_dark), 0);
    EXPECT_GT(painted.count(125, 719, 160, 723, is_dark), 4);
}

}  // namespace
}  // namespace cloudsign::document
