#include "cloudsign/document/pdf_appearance.h"

#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/document/drawn_png.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

constexpr auto is_blue = [](int r, int g, int b) { return b > 150 && r < 100 && g < 100; };
constexpr auto is_dark = [](int r, int g, int b) { return r < 128 && g < 128 && b < 128; };

// A blue picture, transparent in its right half.
Bytes blue_png(unsigned width, unsigned height) {
    Bytes pixels(std::size_t{4} * width * height);
    for (std::size_t i = 0; i < pixels.size(); i += 4) {
        const bool is_left = (i / 4) % width < width / 2;
        pixels[i + 2] = 220;
        pixels[i + 3] = is_left ? 255 : 0;
    }
    return png_of(pixels, width, height);
}

Bytes red_png() {
    Bytes pixels;
    for (int i = 0; i < 100; ++i) {
        pixels.insert(pixels.end(), {220, 0, 0, 255});
    }
    return png_of(pixels, 10, 10);
}

class PdfAppearanceTest : public testing::Test {
protected:
    std::string sign(const std::string& pdf, const PdfSignature& wish) {
        auto signed_pdf = person_.sign(pdf, wish);
        EXPECT_TRUE(signed_pdf) << signed_pdf.error().detail;
        if (!signed_pdf) {
            return "";
        }
        EXPECT_EQ(judges_.qpdf_complaint(*signed_pdf), "");
        EXPECT_TRUE(judges_.pdfsig(*signed_pdf).back().is_valid);
        return *std::move(signed_pdf);
    }

    Person& person_ = site().an;
    Judges& judges_ = site().judges;
};

TEST_F(PdfAppearanceTest, PaintsAPictureWhereItIsWanted) {
    for (const int rotation : {0, 90, 180, 270}) {
        SamplePdf sample;
        sample.media_box = "[0 0 400 300]";
        sample.page_extra = "/CropBox [50 20 350 280] /Rotate " + std::to_string(rotation);
        PdfSignature wish;
        wish.appearance.box = PdfBox{100, 40, 60, 30};
        wish.appearance.picture = blue_png(120, 60);

        const auto painted = judges_.paint(sign(sample_pdf(sample), wish));

        EXPECT_EQ(painted.width, rotation % 180 == 0 ? 300 : 260) << rotation;
        // The left half is opaque, upright whatever the page's rotation.
        EXPECT_GT(painted.count(101, 41, 129, 69, is_blue), 28 * 28 - 10) << rotation;
        EXPECT_EQ(painted.count(132, 41, 160, 69, is_blue), 0) << rotation;
        EXPECT_EQ(painted.count(0, 0, 98, painted.height, is_blue), 0) << rotation;
    }
}

TEST_F(PdfAppearanceTest, WritesVietnameseThatCanBeReadAgain) {
    PdfSignature wish;
    // The second line is decomposed (NFD).
    wish.appearance.lines = {"Số: 12/QĐ-UBND ẤẰỄỰỸ", "Nguye\xcc\x82\xcc\x83n Va\xcc\x86n A"};

    const auto pdf = sign(sample_pdf(), wish);

    const auto text = judges_.text(pdf);
    EXPECT_NE(text.find("Số: 12/QĐ-UBND ẤẰỄỰỸ"), std::string::npos) << text;
    const bool is_read = text.find("Nguyễn Văn A") != std::string::npos ||
                         text.find("Nguye\xcc\x82\xcc\x83n") != std::string::npos;
    EXPECT_TRUE(is_read) << text;
    EXPECT_LT(pdf.size(), sample_pdf().size() + 48 * 1024 + 24 * 1024);
}

TEST_F(PdfAppearanceTest, PutsTextWithoutAPlaceIntoTheUpperRightCorner) {
    PdfSignature wish;
    wish.appearance.lines = {"Số: 12/QĐ-UBND", iso_time(1'790'000'000'000)};
    wish.appearance.alignment = TextAlignment::right;
    EXPECT_EQ(wish.appearance.lines[1], "2026-09-21T21:13:20+07:00");

    const auto painted = judges_.paint(sign(sample_pdf(), wish));

    EXPECT_GT(painted.count(445, 795, 575, 822, is_dark), 100);
    EXPECT_EQ(painted.count(0, 745, 440, 842, is_dark), 0);
    EXPECT_EQ(painted.count(576, 745, 595, 842, is_dark), 0);
}

TEST_F(PdfAppearanceTest, IsShownInTheRectangleOfAField) {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R] >>";
    sample.page_extra = "/Rotate 90 /Annots [100 0 R]";
    sample.objects =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R "
        "/Rect [100 200 130 260] >>\nendobj\n";
    PdfSignature wish;
    wish.field = "Approval";
    wish.appearance.picture = blue_png(120, 60);

    const auto painted = judges_.paint(sign(sample_pdf(sample), wish));

    // Shown, that is 60 wide and 30 high at (200, 595 - 130).
    EXPECT_GT(painted.count(201, 466, 229, 494, is_blue), 28 * 28 - 10);
    EXPECT_EQ(painted.count(232, 466, 260, 494, is_blue), 0);
}

TEST_F(PdfAppearanceTest, PutsASealOverTheLeftThirdOfASignature) {
    SamplePdf sample;
    sample.page_extra = "/Rotate 270";
    PdfSignature person;
    person.appearance.box = PdfBox{300, 200, 120, 60};
    person.appearance.picture = blue_png(240, 120);
    PdfSignature seal;
    seal.appearance.seal_over = "Signature1";
    seal.appearance.seal_size = 102;
    seal.appearance.picture = red_png();
    const auto first = sign(sample_pdf(sample), person);

    const auto both = site().binh.sign(first, seal);

    ASSERT_TRUE(both) << both.error().detail;
    EXPECT_TRUE(both->starts_with(first));
    for (const auto& signature : judges_.pdfsig(*both)) {
        EXPECT_TRUE(signature.is_valid);
    }
    const auto painted = judges_.paint(*both);
    const auto is_red = [](int r, int g, int b) { return r > 150 && g < 100 && b < 100; };
    // From 40 points into the signature to the left, 102 wide, its middle on the signature's.
    EXPECT_GT(painted.count(239, 180, 339, 280, is_red), 100 * 100 - 10);
    EXPECT_EQ(painted.count(341, 0, painted.width, painted.height, is_red), 0);
    EXPECT_GT(painted.count(342, 202, 359, 258, is_blue), 900);
    seal.appearance.seal_over = "Signature7";
    EXPECT_EQ(site().binh.prepare(first, seal).error().kind, ErrorKind::not_found);
}

TEST_F(PdfAppearanceTest, LeavesAPageToBeSeenThatOthersHaveSigned) {
    PdfSignature large;
    large.appearance.picture = red_png();
    large.appearance.box = PdfBox{0, 0, 400, 400};

    const auto refused = site().binh.prepare(sign(sample_pdf(), {}), large);

    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("more than a quarter of a page"), std::string::npos);
    EXPECT_TRUE(person_.prepare(sample_pdf(), large));
}

TEST_F(PdfAppearanceTest, IsRefusedInWords) {
    const auto refused = [&](const PdfAppearance& appearance, const std::string& words) {
        PdfSignature wish;
        wish.appearance = appearance;
        const auto prepared = person_.prepare(sample_pdf(), wish);
        ASSERT_FALSE(prepared);
        EXPECT_EQ(prepared.error().kind, ErrorKind::invalid);
        EXPECT_NE(prepared.error().detail.find(words), std::string::npos)
            << prepared.error().detail;
    };
    PdfAppearance text;
    text.lines = {"漢"};
    refused(text, "no character \"漢\" (U+6F22)");
    for (const auto& [unseen, name] : {std::pair{"A\nB", "U+000A"}, {"A\tB", "U+0009"}}) {
        text.lines = {unseen};
        refused(text, std::string("no character ") + name + ".");
    }
    text.lines = {std::string("A\0B", 3)};
    refused(text, "no character U+0000.");
    text.lines = {std::string(400, 'm')};
    refused(text, "does not fit on the page, which shows 595.000 x 842.000");
    text.lines = {"Nguyễn Văn A"};
    text.box = PdfBox{10, 10, 20, 20};
    refused(text, "needs");
    PdfAppearance picture;
    picture.picture = {1, 2, 3};
    refused(picture, "needs a place");
    picture.box = PdfBox{10, 10, 20, 20};
    refused(picture, "no PNG");
    picture.picture = blue_png(4097, 1);
    refused(picture, "too large");
    picture.picture = blue_png(10, 10);
    picture.box = PdfBox{590, 10, 20, 20};
    refused(picture, "does not fit on the page");
}

}  // namespace
}  // namespace cloudsign::document
