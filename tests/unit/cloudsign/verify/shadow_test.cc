#include <gtest/gtest.h>

#include "cloudsign/document/pdf_timestamp.h"
#include "hsm/openssl/digest.h"
#include "tests/unit/cloudsign/verify/attacker.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

// The attacks of pdf-insecurity.org: universal signature forgery, incremental saving, signature
// wrapping, and shadow attacks, in which the signer is given a file that is made for it.
namespace cloudsign::verify {
namespace {

using document::PdfSignature;
using document::sample_pdf;
using document::SamplePdf;
using evidence::site;

class ShadowTest : public VerifyTest {
protected:
    // The last hope of a forger: the signature itself stays as it is.
    void expect_named(const std::string& pdf, Code code) {
        const auto report = verified(pdf);
        EXPECT_NE(report.verdict(), Verdict::valid) << names_of(report);
        EXPECT_TRUE(found(report, code)) << text_of(code).name << " is not in " << names_of(report);
    }
    void expect_change(const std::string& pdf, const std::string& kind) {
        const auto report = verified(pdf);
        expect(report, Verdict::invalid, Code::changed_after_signing);
        ASSERT_FALSE(report.signatures.empty());
        const auto& changes = report.signatures[0].changes;
        EXPECT_TRUE(
            std::ranges::any_of(changes, [&](const auto& change) { return change.kind == kind; }))
            << kind << " is not in " << names_of(report);
    }
};

// ---- universal signature forgery: something of the signature is missing or odd

struct Forgery {
    const char* name;
    const char* from;
    const char* to;
    Code code;
};

class UniversalForgery : public ShadowTest, public testing::WithParamInterface<Forgery> {};

TEST_P(UniversalForgery, IsNamed) {
    const auto good = whole_pdf();
    const auto number = last_signature_number(good);
    auto body = last_signature_body(good);
    const std::string from = GetParam().from;
    const auto at = body.find(from);
    ASSERT_NE(at, std::string::npos);
    auto end = at + from.size();
    if (from == "/Contents ") {
        end = body.find('>', at) + 1;
    } else if (from == "/ByteRange ") {
        end = body.find(']', at) + 1;
    }
    body.replace(at, end - at, GetParam().to);

    expect_named(updated(good, {{{number, body}}, "/Root 1 0 R", {}}), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Each,
    UniversalForgery,
    testing::Values(
        Forgery{"NoContents", "/Contents ", "", Code::contents_malformed},
        Forgery{"NullContents", "/Contents ", "/Contents null", Code::contents_malformed},
        Forgery{"EmptyContents", "/Contents ", "/Contents <>", Code::contents_malformed},
        Forgery{"ZeroContents", "/Contents ", "/Contents 0", Code::contents_malformed},
        Forgery{"ZeroBytes", "/Contents ", "/Contents <00>", Code::contents_outside_signature},
        Forgery{"NoByteRange", "/ByteRange ", "", Code::byte_range_malformed},
        Forgery{"NullByteRange", "/ByteRange ", "/ByteRange null", Code::byte_range_malformed},
        Forgery{"EmptyByteRange", "/ByteRange ", "/ByteRange []", Code::byte_range_malformed},
        Forgery{"Zeros", "/ByteRange ", "/ByteRange [0 0 0 0]", Code::byte_range_malformed},
        Forgery{"Negative", "/ByteRange ", "/ByteRange [0 -1 2 3]", Code::byte_range_malformed},
        Forgery{"Huge",
                "/ByteRange ",
                "/ByteRange [0 10 9223372036854775807 9223372036854775807]",
                Code::byte_range_malformed},
        Forgery{
            "Overlapping", "/ByteRange ", "/ByteRange [0 900 800 9]", Code::byte_range_malformed},
        Forgery{"Six", "/ByteRange ", "/ByteRange [0 9 99 9 200 9]", Code::byte_range_malformed},
        Forgery{
            "Reals", "/ByteRange ", "/ByteRange [0.0 9.0 99.0 9.0]", Code::byte_range_malformed},
        Forgery{"FromTheMiddle", "/ByteRange ", "/ByteRange [9 90 190 9]", Code::byte_range_gap},
        Forgery{"OtherFormat",
                "/ETSI.CAdES.detached",
                "/adbe.x509.rsa_sha1",
                Code::contents_outside_signature}),
    [](const auto& one) { return std::string(one.param.name); });

// ---- incremental saving: what comes behind is no proper increment

TEST_F(ShadowTest, AnIncrementWithoutATable) {
    const auto good = signed_pdf();
    const auto object =
        "3 0 obj\n" + stream_of("BT /F1 18 Tf (Contract no. 9) Tj ET") + "\nendobj\n";
    const auto trailer = std::string("trailer\n<< /Root 1 0 R /Size 99 >>\n");

    expect_named(good + object, Code::trailing_bytes);
    expect_named(good + object + trailer, Code::trailing_bytes);
    expect_named(good + object + std::string(1500, ' ') + trailer, Code::truncated);
    expect_named(good + object + trailer + "startxref\n0\n%%EOF\n", Code::update_unreadable);
    expect_named(good + object + trailer + "%%EOF\n", Code::trailing_bytes);
}

TEST_F(ShadowTest, AnIncrementWithACopyOfTheSignature) {
    const auto good = signed_pdf();
    const auto pdf = updated(good,
                             {{{3, stream_of("BT /F1 18 Tf (Contract no. 9) Tj ET")},
                               {last_signature_number(good), last_signature_body(good)}},
                              "/Root 1 0 R",
                              {}});

    const auto report = verified(pdf);

    expect(report, Verdict::invalid, Code::contents_outside_signature);
}

// ---- signature wrapping: the second part of what is signed is moved away

TEST_F(ShadowTest, ASignatureWrapped) {
    const auto good = signed_pdf();
    const auto hole = last_hole(good);
    const auto second = good.substr(hole.end);
    auto body = last_signature_body(good);
    const auto number = last_signature_number(good);
    // Laid into a stream of the increment; found by its mark afterwards.
    auto pdf = updated(good,
                       {{{3, stream_of("BT /F1 18 Tf (Contract no. 9) Tj ET")},
                         {800, stream_of("MARK" + second)},
                         {number, body}},
                        "/Root 1 0 R",
                        {}});
    const auto range = "/ByteRange [0 " + std::to_string(hole.begin) + " " +
                       std::to_string(pdf.find("MARK") + 4) + " " + std::to_string(second.size()) +
                       "]";
    const auto at = pdf.rfind("/ByteRange [");
    const auto size = pdf.find(']', at) + 1 - at;
    pdf.replace(at, size, range + std::string(size - range.size(), ' '));

    expect_named(pdf, Code::byte_range_gap);
}

// ---- shadow attacks

SamplePdf shadowed() {
    SamplePdf sample;
    sample.objects =
        "100 0 obj\n" + stream_of("1 1 1 rg 0 0 600 800 re f") + "\nendobj\n" +
        "101 0 obj\n<< /Type /Annot /Subtype /Square /Rect [0 0 600 800] >>\nendobj\n" +
        "102 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n" +
        "103 0 obj\n[ 100 0 R ]\nendobj\n" +
        "104 0 obj\n<< /Type /Catalog /Pages 105 0 R >>\nendobj\n" +
        "105 0 obj\n<< /Type /Pages /Kids [ 106 0 R ] /Count 1 /MediaBox [0 0 595 842] "
        ">>\nendobj\n" +
        "106 0 obj\n<< /Type /Page /Parent 105 0 R /Contents 100 0 R >>\nendobj\n";
    sample.page_extra = "/Annots [ 101 0 R ] /Hidden [ 100 0 R 102 0 R 103 0 R ]";
    return sample;
}

TEST_F(ShadowTest, HidesWhatWasThere) {
    const auto good = whole_pdf(shadowed());
    ASSERT_EQ(verified(good).verdict(), Verdict::valid) << names_of(verified(good));

    expect_change(updated(good, {{{100, stream_of("")}}, "/Root 1 0 R", {}}), "page_changed");
    expect_change(updated(good, {{{101, "null"}}, "/Root 1 0 R", {}}), "object_changed");
    expect_change(updated(good, {{}, "/Root 1 0 R", {{101, ""}}}), "object_removed");
}

TEST_F(ShadowTest, ReplacesHowItIsShown) {
    const auto good = whole_pdf(shadowed());

    expect_change(updated(good, {{{102, "<< /Type /Font /Subtype /Type3 >>"}}, "/Root 1 0 R", {}}),
                  "page_changed");
    expect_change(updated(good,
                          {{{2,
                             "<< /Type /Pages /Kids [ 106 0 R ] /Count 1 /MediaBox [0 0 595 "
                             "842] >>"}},
                           "/Root 1 0 R",
                           {}}),
                  "page_changed");
}

TEST_F(ShadowTest, HidesAndReplaces) {
    const auto good = whole_pdf(shadowed());

    // Another catalog, which was in the signed file all along.
    const auto report = verified(updated(good, {{}, "/Root 104 0 R", {}}));

    EXPECT_NE(report.verdict(), Verdict::valid) << names_of(report);
    // The same with the form, so that the signature still shows.
    const auto at = good.find("/AcroForm");
    const auto form = good.substr(at, good.find('R', at + 10) + 1 - at);
    expect_change(
        updated(good,
                {{{104, "<< /Type /Catalog /Pages 105 0 R " + form + " >>"}}, "/Root 104 0 R", {}}),
        "catalog_changed");
    expect_change(
        updated(good,
                {{{1, "<< /Type /Catalog /Pages 105 0 R " + form + " >>"}}, "/Root 1 0 R", {}}),
        "catalog_changed");
}

TEST_F(ShadowTest, SuppliesWhatWasMissing) {
    SamplePdf sample;
    sample.page_extra = "/Hidden 100 0 R";
    sample.objects = "100 0 obj\n<< /X 700 0 R >>\nendobj\n";
    const auto good = whole_pdf(sample);
    ASSERT_EQ(verified(good).verdict(), Verdict::valid);

    expect_change(updated(good, {{{700, stream_of("0 0 600 800 re f")}}, "/Root 1 0 R", {}}),
                  "object_supplied");
}

// An array that is the page's content and evidence at once.
TEST_F(ShadowTest, HasOneObjectInTwoRoles) {
    SamplePdf sample;
    sample.catalog_extra = "/DSS << /Certs 103 0 R >>";
    sample.objects = "100 0 obj\n" + stream_of("") + "\nendobj\n103 0 obj\n[ 100 0 R ]\nendobj\n";
    sample.page_extra = "/Hidden 103 0 R";
    const auto good = signed_pdf(sample);

    expect_change(updated(good,
                          {{{103, "[ 100 0 R 701 0 R ]"}, {701, stream_of("0 0 600 800 re f")}},
                           "/Root 1 0 R",
                           {}}),
                  "page_changed");
    expect_change(updated(good, {{{100, stream_of("0 0 600 800 re f")}}, "/Root 1 0 R", {}}),
                  "object_changed");
}

TEST_F(ShadowTest, LaysAnAnnotationOverThePage) {
    const auto good = whole_pdf();
    const auto at = good.rfind("/Annots [");
    const auto end = good.find(']', at);
    const auto page = good.rfind("4 0 obj\n", at);
    ASSERT_NE(page, std::string::npos);
    auto body = good.substr(page + 8, good.find("\nendobj", page) - page - 8);
    body = with_last(body, good.substr(at, end - at), good.substr(at, end - at) + " 702 0 R ");

    expect_change(
        updated(good,
                {{{4, body},
                  {702, "<< /Type /Annot /Subtype /Square /Rect [0 0 600 800] /IC [1 1 1] >>"}},
                 "/Root 1 0 R",
                 {}}),
        "annotation");
}

// ---- what may follow a signature

// `approval`: where the signature's field is and what it shows before it is signed.
std::string text_form(const std::string& approval = "/Rect [0 0 0 0]") {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm 110 0 R";
    sample.page_extra = "/Annots 112 0 R";
    sample.objects =
        "110 0 obj\n<< /Fields 113 0 R /SigFlags 3 >>\nendobj\n"
        "111 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /Rect [72 600 200 620] /P 4 "
        "0 R >>\nendobj\n"
        "112 0 obj\n[ 111 0 R 114 0 R ]\nendobj\n113 0 obj\n[ 111 0 R 114 0 R ]\nendobj\n"
        "114 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R " +
        approval +
        " >>\nendobj\n120 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 "
        ">>\nstream\n\nendstream\nendobj\n";
    return sample_pdf(sample);
}

std::string filled(const std::string& pdf) {
    return updated(
        pdf,
        {{{111,
           "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V (An) /Rect [72 600 200 "
           "620] /P 4 0 R >>"}},
         "/Root 1 0 R",
         {}});
}

TEST_F(ShadowTest, AFieldFilledInLaterIsTold) {
    const auto good = raised(*site().an.sign(text_form()), evidence::Level::lt);

    const auto report = verified(filled(good));

    expect(report, Verdict::valid, Code::form_filled_after_signing);
    expect_change(
        updated(good,
                {{{111,
                   "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V (An) /Rect [0 0 "
                   "600 800] /P 4 0 R >>"}},
                 "/Root 1 0 R",
                 {}}),
        "form_changed");
}

// Which value was signed would no longer be seen. ISO 32000-2 §12.8.2.2 lets a certification permit
// it; without one it is a change.
TEST_F(ShadowTest, AFieldFilledInOtherwiseLater) {
    const std::string widget =
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /Rect [72 600 200 620] /P 4 0 R ";
    const auto with_value = [&](const std::string& pdf, const std::string& keys) {
        return updated(pdf, {{{111, widget + keys + " >>"}}, "/Root 1 0 R", {}});
    };
    const auto form = with_value(text_form(), "/V (An)");
    const auto good = raised(*site().an.sign(form), evidence::Level::lt);

    expect_change(with_value(good, "/V (Binh)"), "value_changed");
    expect_change(with_value(good, ""), "value_changed");
    expect_change(with_value(good, "/V (An) /AP << /N 3 0 R >>"), "value_changed");
    const auto empty = raised(*site().an.sign(text_form()), evidence::Level::lt);
    expect_change(with_value(empty, "/AP << /N 3 0 R >>"), "value_changed");
    // Filled in by somebody who signs then: theirs is changed.
    const auto twice =
        raised(*site().binh.sign(filled(*site().an.sign(text_form()))), evidence::Level::lt);
    expect_change(with_value(twice, "/V (Binh)"), "value_changed");

    PdfSignature certifying;
    certifying.certification = document::Certification::fields_only;
    const auto certified = *site().an.sign(form, certifying);
    PdfSignature in_field;
    in_field.field = "Approval";
    const auto both = raised(*site().binh.sign(certified, in_field), evidence::Level::lta);
    expect(
        verified(with_value(both, "/V (Binh)")), Verdict::valid, Code::form_filled_after_signing);
}

// Anybody gets a time-stamp for anything: one that shows something would cover the page.
TEST_F(ShadowTest, ATimestampThatShowsSomething) {
    const auto stamped_over = [](const std::string& pdf) {
        auto prepared = *document::prepare_timestamp(hsm::view_of(pdf), 8 * 1024);
        auto shown = with_last(prepared.after, "/Rect [ 0 0 0 0 ]", "/Rect [ 0 0 9 9 ]");
        EXPECT_EQ(shown.size(), prepared.after.size());
        prepared.after = shown;
        const auto whole = pdf + prepared.before + prepared.after;
        prepared.hash =
            hsm::openssl::digest_of(hsm::view_of(whole), hsm::protocol::DigestAlgorithm::sha256);
        evidence::Timestamper timestamper({evidence::tsa_url},
                                          {site().services.authority.certificate()},
                                          site().services.fetch(),
                                          site().services.clock);
        const auto token = timestamper.stamp(hsm::protocol::DigestAlgorithm::sha256, prepared.hash);
        return pdf + *document::complete_timestamp(prepared, *token);
    };

    const auto good = whole_pdf();
    expect_change(stamped_over(good), "form_changed");
}

TEST_F(ShadowTest, ACertificationSaysWhatMayFollow) {
    PdfSignature certifying;
    certifying.certification = document::Certification::fields_only;
    const auto certified = *site().an.sign(text_form(), certifying);
    PdfSignature in_field;
    in_field.field = "Approval";
    const auto good = raised(*site().binh.sign(certified, in_field), evidence::Level::lta);

    const auto report = verified(good);

    expect(report, Verdict::valid);
    EXPECT_TRUE(report.signatures.at(0).is_certification);
    EXPECT_EQ(report.signatures[0].permission, 2);
    expect(verified(filled(good)), Verdict::valid, Code::form_filled_after_signing);
    const auto annotated = updated(good,
                                   {{{112, "[ 111 0 R 114 0 R 702 0 R ]"},
                                     {702, "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] >>"}},
                                    "/Root 1 0 R",
                                    {}});
    EXPECT_EQ(verified(annotated).verdict(), Verdict::invalid);
}

// The field was there, but not there: what is signed into it would cover the page.
TEST_F(ShadowTest, AFieldMovedWhenItIsSigned) {
    PdfSignature certifying;
    certifying.certification = document::Certification::fields_only;
    auto certified = *site().an.sign(text_form(), certifying);
    PdfSignature in_field;
    in_field.field = "Approval";
    const auto moved = [](const std::string& pdf) {
        return updated(pdf,
                       {{{114,
                          "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R "
                          "/Rect [0 0 600 800] >>"}},
                        "/Root 1 0 R",
                        {}});
    };

    expect_change(*site().binh.sign(moved(certified), in_field), "form_changed");
}

// What a later signature paints lies over the page: it is told, and more than a part is another
// page.
TEST_F(ShadowTest, ASignatureThatPaintsOnThePage) {
    PdfSignature in_field;
    in_field.field = "Approval";
    const auto signed_over = [&](const std::string& rectangle) {
        const auto form = text_form("/AP << /N 120 0 R >> /Rect [" + rectangle + "]");
        return *site().binh.sign(*site().an.sign(form), in_field);
    };

    expect(verified(raised(signed_over("300 100 420 160"), evidence::Level::lt)),
           Verdict::valid,
           Code::painted_after_signing);
    expect_change(signed_over("0 0 595 300"), "page_covered");
    expect_change(signed_over("-900 -900 900 900"), "page_covered");
    const auto alone = verified(
        raised(*site().an.sign(text_form("/AP << /N 120 0 R >> /Rect [0 0 595 842]"), in_field),
               evidence::Level::lt));
    expect(alone, Verdict::valid);
    EXPECT_FALSE(found(alone, Code::painted_after_signing));
}

// Of what stands before an update that cannot be read in one way, everything is told.
TEST_F(ShadowTest, AFieldThatSaysTwoThings) {
    const auto good = raised(*site().an.sign(text_form()), evidence::Level::lt);
    const auto report = verified(updated(
        good,
        {{{111,
           "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /F 4 /F 0 /Rect [72 600 200 620] "
           "/P 4 0 R >>"}},
         "/Root 1 0 R",
         {}}));

    expect(report, Verdict::indeterminate, Code::update_unreadable);
    EXPECT_EQ(report.signatures.size(), verified(good).signatures.size());
}

TEST_F(ShadowTest, ASignatureTakenOut) {
    const auto good = *site().binh.sign(*site().an.sign(text_form()));
    const auto report =
        verified(updated(good, {{{113, "[ 111 0 R 114 0 R ]"}}, "/Root 1 0 R", {}}));

    EXPECT_NE(report.verdict(), Verdict::valid);
}

TEST_F(ShadowTest, AFieldThatPretendsToBeSigned) {
    const auto good = *site().an.sign(text_form());
    const auto report = verified(updated(
        good,
        {{{114,
           "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R /Rect [0 0 600 "
           "800] /AP << /N 703 0 R >> /V << /Type /Sig /Filter /Adobe.PPKLite >> >>"},
          {703, stream_of("0 0 600 800 re f", "/Subtype /Form /BBox [0 0 600 800]")}},
         "/Root 1 0 R",
         {}}));

    expect(report, Verdict::invalid, Code::changed_after_signing);
}

TEST_F(ShadowTest, ManySignaturesThatFollowAreNoChange) {
    auto pdf = sample_pdf();
    for (int i = 0; i < 5; ++i) {
        pdf = *(i % 2 == 0 ? site().an : site().binh).sign(pdf);
    }
    pdf = raised(pdf, evidence::Level::lta);

    const auto report = verified(pdf);

    expect(report, Verdict::valid);
    ASSERT_GE(report.signatures.size(), 6u);
    EXPECT_EQ(
        std::ranges::count_if(report.signatures[0].changes,
                              [](const auto& change) { return change.kind == "signature_added"; }),
        4)
        << names_of(report);
}

}  // namespace
}  // namespace cloudsign::verify
