#include "cloudsign/document/pdf_placeholder.h"

#include <gtest/gtest.h>

#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/pdf_signature.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t room = 32;
const std::string zeros(2 * room, '0');
const std::string no_empty_signature = "The PDF has no empty signature that covers all of it.";

std::string padded(std::size_t number) {
    const auto digits = std::to_string(number);
    return std::string(10 - digits.size(), '0') + digits;
}

// A ByteRange around `hole`, which is in `pdf` with its "<" and ">"; the one that it takes the
// place of is as long.
const std::string blank_range = "[0000000000 0000000000 0000000000 0000000000]";
std::string range_around(const std::string& pdf, std::size_t hole) {
    const auto behind = hole + zeros.size() + 2;
    return "[" + padded(0) + " " + padded(hole) + " " + padded(behind) + " " +
           padded(pdf.size() - behind) + "]";
}

void fill_ranges(std::string& pdf, std::size_t hole) {
    const auto range = range_around(pdf, hole);
    for (auto at = pdf.find(blank_range); at != std::string::npos; at = pdf.find(blank_range)) {
        pdf.replace(at, range.size(), range);
    }
}

// As another's software may have prepared it: with `more` in its signature dictionary.
std::string prepared_by_another(const std::string& more, const std::string& objects = "") {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R] /SigFlags 3 >>";
    sample.objects =
        "100 0 obj\n<< /FT /Sig /T (Approval) /V 101 0 R >>\nendobj\n101 0 obj\n<< /Type "
        "/Sig /ByteRange " +
        blank_range + " /Contents <" + zeros + "> " + more + " >>\nendobj\n" + objects;
    return sample_pdf(sample);
}

std::size_t hole_of(const std::string& pdf) {
    return pdf.find("/Contents <" + zeros) + std::string("/Contents ").size();
}

Result<PdfPlaceholder> found_in(const std::string& pdf) {
    return find_placeholder(hsm::view_of(pdf));
}

void expect_refused(const std::string& pdf, const std::string& words) {
    const auto found = found_in(pdf);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::invalid);
    EXPECT_NE(found.error().detail.find(words), std::string::npos) << found.error().detail;
}

class PdfPlaceholderTest : public testing::Test {
protected:
    Person& person_ = site().an;
};

TEST_F(PdfPlaceholderTest, IsFoundWhateverTheTextsSay) {
    SamplePdf sample;
    sample.objects = "100 0 obj\n<" + zeros + ">\nendobj\n";
    const auto pdf = sample_pdf(sample);
    const auto shown = pdf.find("<" + zeros);
    const auto* const pointing = "/ByteRange [0 A B C]";  // at zeros of the page
    // The last is "/ByteRange" in UTF-16.
    for (const auto* text :
         {"the /ByteRange of it", pointing, ") /ByteRange [0 1 2 3]", "⽂祴敒慮来"}) {
        for (auto PdfSignature::*place : {&PdfSignature::reason, &PdfSignature::location}) {
            PdfSignature wish;
            wish.*place = text;
            auto prepared = *person_.prepare(pdf, wish);
            if (std::string_view(text) == pointing) {
                auto whole = pdf + unsigned_increment(prepared);
                wish.*place = "/ByteRange " + range_around(whole, shown);
                whole = pdf + unsigned_increment(*person_.prepare(pdf, wish));
                wish.*place = "/ByteRange " + range_around(whole, shown);
                prepared = *person_.prepare(pdf, wish);
            }

            const auto found = found_in(pdf + unsigned_increment(prepared));

            ASSERT_TRUE(found) << text << ": " << found.error().detail;
            EXPECT_EQ(found->contents, pdf.size() + prepared.before.size());
            EXPECT_EQ(found->room(), prepared.room);
            // For who looks for it without reading the file's objects.
            EXPECT_EQ(prepared.after.find("/ByteRange"), std::string::npos);
            EXPECT_EQ(prepared.before.find("/ByteRange"), prepared.before.rfind("/ByteRange"));
        }
    }
}

TEST_F(PdfPlaceholderTest, IsFoundInWhatAnotherHasPrepared) {
    for (const auto* more : {"",
                             "/Reason (the /ByteRange of it)",
                             "/Reason (/ByteRange [0 1 2 3])",
                             "% /ByteRange [0 1 2 3]\n"}) {
        auto pdf = prepared_by_another(more);
        const auto hole = hole_of(pdf);
        fill_ranges(pdf, hole);

        const auto found = found_in(pdf);

        ASSERT_TRUE(found) << more << ": " << found.error().detail;
        EXPECT_EQ(found->contents, hole);
        EXPECT_EQ(found->room(), room);
    }
}

TEST_F(PdfPlaceholderTest, IsNotWhatOnlyLooksLikeOne) {
    const auto other = "110 0 obj\n<" + zeros + ">\nendobj\n";
    auto of_another_string = prepared_by_another("", other);
    fill_ranges(of_another_string, of_another_string.find("obj\n<" + zeros) + 4);
    expect_refused(of_another_string, no_empty_signature);

    SamplePdf sample;
    sample.objects = other + "111 0 obj\n(/ByteRange " + blank_range + ")\nendobj\n";
    auto of_a_text = sample_pdf(sample);
    fill_ranges(of_a_text, of_a_text.find("<" + zeros));
    expect_refused(of_a_text, no_empty_signature);

    auto of_less = prepared_by_another("");
    fill_ranges(of_less, hole_of(of_less));
    of_less += "\n";
    expect_refused(of_less, no_empty_signature);
    expect_refused(sample_pdf(), no_empty_signature);
    expect_refused(*person_.sign(sample_pdf()), no_empty_signature);
}

TEST_F(PdfPlaceholderTest, IsNotTakenBehindASignatureThatWasNeverFinished) {
    const auto pdf = sample_pdf();
    const auto unfinished = pdf + unsigned_increment(*person_.prepare(pdf));
    const auto again = unfinished + unsigned_increment(*person_.prepare(unfinished));

    EXPECT_TRUE(found_in(unfinished));
    expect_refused(again, "\"Signature1\" was prepared and has not been signed");
    const auto taken_in = take_in_pdf(hsm::view_of(unfinished));
    ASSERT_FALSE(taken_in);
    EXPECT_EQ(taken_in.error().kind, ErrorKind::invalid);
    EXPECT_NE(taken_in.error().detail.find("\"Signature1\" was prepared and has not been signed"),
              std::string::npos)
        << taken_in.error().detail;
    EXPECT_TRUE(take_in_pdf(hsm::view_of(*person_.sign(pdf))));
}

}  // namespace
}  // namespace cloudsign::document
