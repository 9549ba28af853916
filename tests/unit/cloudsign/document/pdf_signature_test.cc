#include "cloudsign/document/pdf_signature.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

class PdfSignatureTest : public testing::Test {
protected:
    void expect_all_valid(const std::string& pdf, std::size_t count) {
        const auto signatures = judges_.pdfsig(pdf);
        ASSERT_EQ(signatures.size(), count);
        for (const auto& signature : signatures) {
            EXPECT_TRUE(signature.is_valid) << signature.signer;
            EXPECT_TRUE(signature.is_trusted) << signature.signer;
            EXPECT_EQ(signature.type, "ETSI.CAdES.detached");
        }
        EXPECT_EQ(std::ranges::count_if(signatures, &Judges::Signature::covers_all), 1);
        EXPECT_EQ(judges_.qpdf_complaint(pdf), "");
        EXPECT_EQ(judges_.openssl_complaint(pdf), "");
    }

    static void expect_refused(const Result<PreparedPdf>& prepared, const std::string& word) {
        ASSERT_FALSE(prepared);
        EXPECT_EQ(prepared.error().kind, ErrorKind::invalid);
        EXPECT_NE(prepared.error().detail.find(word), std::string::npos) << prepared.error().detail;
    }

    Authority& authority_ = site().authority;
    Person& an_ = site().an;
    Person& binh_ = site().binh;
    Judges& judges_ = site().judges;
};

TEST_F(PdfSignatureTest, IsAcceptedByOthersOnATable) {
    const auto pdf = sample_pdf();

    const auto prepared = an_.prepare(pdf);
    ASSERT_TRUE(prepared) << prepared.error().detail;
    const auto increment = an_.complete(*prepared);

    ASSERT_TRUE(increment) << increment.error().detail;
    EXPECT_NE(increment->find("\nxref\n"), std::string::npos);
    expect_all_valid(pdf + *increment, 1);
}

TEST_F(PdfSignatureTest, IsAcceptedByOthersOnAStream) {
    const auto pdf = stream_pdf(sample_pdf());

    const auto signed_pdf = an_.sign(pdf);

    ASSERT_TRUE(signed_pdf) << signed_pdf.error().detail;
    EXPECT_EQ(signed_pdf->find("\nxref\n"), std::string::npos);
    expect_all_valid(*signed_pdf, 1);
}

TEST_F(PdfSignatureTest, IsMadeWithEachAlgorithm) {
    struct Case {
        KeyType type;
        Algorithm algorithm;
    };
    hsm::Byte serial = 10;
    for (const auto& [type, algorithm] :
         {Case{KeyType::p384, {Scheme::ecdsa, DigestAlgorithm::sha384, 0}},
          Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
          Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha512, 0}},
          Case{KeyType::rsa2048, {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}}}) {
        Person person(authority_, "Lê Văn C", serial++, type);
        person.use(algorithm);

        const auto signed_pdf = person.sign(sample_pdf());

        ASSERT_TRUE(signed_pdf) << signed_pdf.error().detail;
        EXPECT_EQ(judges_.openssl_complaint(*signed_pdf), "");
        // NSS of Debian 12 knows no PSS in CMS.
        if (algorithm.scheme != Scheme::rsa_pss) {
            expect_all_valid(*signed_pdf, 1);
        }
    }
}

TEST_F(PdfSignatureTest, OfASecondPersonLeavesTheFirstUntouched) {
    for (const auto& pdf : {sample_pdf(), stream_pdf(sample_pdf())}) {
        const auto first = an_.sign(pdf);
        ASSERT_TRUE(first) << first.error().detail;

        const auto second = binh_.sign(*first);

        ASSERT_TRUE(second) << second.error().detail;
        EXPECT_EQ(second->substr(0, first->size()), *first);
        expect_all_valid(*second, 2);
        const auto signatures = judges_.pdfsig(*second);
        EXPECT_EQ(signatures[0].signer, "Nguyễn Văn A");
        EXPECT_EQ(signatures[1].signer, "Trần Thị Bình");
    }
}

TEST_F(PdfSignatureTest, TouchesOnlyTheArraysWhereTheyAreObjects) {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm 100 0 R";
    sample.page_extra = "/Annots 102 0 R";
    sample.objects =
        "100 0 obj\n<< /Fields 101 0 R /SigFlags 3 >>\nendobj\n101 0 obj\n[]\nendobj\n"
        "102 0 obj\n[]\nendobj\n";
    const auto pdf = sample_pdf(sample);

    const auto increment = an_.complete(*an_.prepare(pdf));

    ASSERT_TRUE(increment);
    for (const auto* untouched : {"\n1 0 obj", "\n4 0 obj", "\n100 0 obj"}) {
        EXPECT_EQ(increment->find(untouched), std::string::npos) << untouched;
    }
    for (const auto* touched : {"101 0 obj", "\n102 0 obj"}) {
        EXPECT_NE(increment->find(touched), std::string::npos) << touched;
    }
    expect_all_valid(pdf + *increment, 1);
}

TEST_F(PdfSignatureTest, SurvivesAFlippedByteNowhere) {
    auto signed_pdf = *an_.sign(sample_pdf());
    signed_pdf[signed_pdf.find("Contract")] = 'K';

    EXPECT_FALSE(judges_.pdfsig(signed_pdf).at(0).is_valid);
    EXPECT_NE(judges_.openssl_complaint(signed_pdf), "");
}

TEST_F(PdfSignatureTest, TellsItsTimeInVietnamAndItsReason) {
    PdfSignature wish;
    wish.reason = "Phê duyệt hợp đồng";
    wish.time_ms = 1'790'000'000'000;  // 2026-09-21T14:13:20Z

    const auto prepared =
        prepare_pdf(hsm::view_of(sample_pdf()), an_.chain(), an_.algorithm(), wish);

    ASSERT_TRUE(prepared);
    EXPECT_NE(prepared->after.find("/M (D:20260921211320+07'00')"), std::string::npos);
    EXPECT_NE(prepared->after.find("/Reason <feff0050"), std::string::npos);
}

TEST_F(PdfSignatureTest, IsNotCompletedWithAnothersSignature) {
    const auto prepared = an_.prepare(sample_pdf());
    const pki::TestKey other(KeyType::p256);

    const auto increment = complete_pdf(
        *prepared, other.sign(an_.algorithm(), prepared->cms.signed_attributes), an_.chain());

    EXPECT_EQ(increment.error().kind, ErrorKind::internal);
}

TEST_F(PdfSignatureTest, ResumesFromText) {
    const auto pdf = sample_pdf();
    const auto text = to_text(*an_.prepare(pdf));

    const auto resumed = read_prepared_pdf(text);

    ASSERT_TRUE(resumed);
    EXPECT_LT(text.size(), 8000u);
    EXPECT_EQ(to_text(*resumed), text);
    EXPECT_TRUE(check_base(*resumed, hsm::view_of(pdf)));
    expect_all_valid(pdf + *an_.complete(*resumed), 1);
    EXPECT_FALSE(read_prepared_pdf(text.substr(1)));
    EXPECT_FALSE(read_prepared_pdf("{}"));
}

TEST_F(PdfSignatureTest, IsNotPutBehindAFileThatWasSignedMeanwhile) {
    const auto pdf = sample_pdf();
    const auto prepared = an_.prepare(pdf);
    const auto meanwhile = *binh_.sign(pdf);

    EXPECT_EQ(check_base(*prepared, hsm::view_of(meanwhile)).error().kind, ErrorKind::conflict);
    EXPECT_TRUE(check_base(*prepared, hsm::view_of(pdf)));
}

TEST_F(PdfSignatureTest, OfTwentyWhoBeginAtOnceAreAllOnTheFileInTheEnd) {
    std::vector<Person> people;
    for (hsm::Byte number = 0; number < 20; ++number) {
        people.emplace_back(authority_, "Người " + std::to_string(number), 100 + number);
    }
    auto pdf = sample_pdf();
    std::vector<PreparedPdf> prepared;
    for (const auto& person : people) {
        prepared.push_back(*person.prepare(pdf));
    }
    int conflicts = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
        // Whoever comes second finds another file than the one they prepared, and begins again.
        if (!check_base(prepared[i], hsm::view_of(pdf))) {
            ++conflicts;
            prepared[i] = *people[i].prepare(pdf);
        }
        const auto increment = people[i].complete(prepared[i]);
        ASSERT_TRUE(increment) << increment.error().detail;
        pdf += *increment;
    }

    EXPECT_EQ(conflicts, 19);
    expect_all_valid(pdf, 20);
}

// ---- fields and certification

std::string with_empty_field(const std::string& parameters = "") {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R] >>" + parameters;
    sample.page_extra = "/Annots [100 0 R]";
    sample.objects =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R "
        "/Rect [0 0 0 0] >>\nendobj\n";
    return sample_pdf(sample);
}

TEST_F(PdfSignatureTest, FillsAnEmptyField) {
    PdfSignature wish;
    wish.field = "Approval";

    const auto signed_pdf = an_.sign(with_empty_field(), wish);

    ASSERT_TRUE(signed_pdf) << signed_pdf.error().detail;
    expect_all_valid(*signed_pdf, 1);
    expect_refused(an_.prepare(*signed_pdf, wish), "is signed already");
    wish.field = "Other";
    EXPECT_EQ(an_.prepare(*signed_pdf, wish).error().kind, ErrorKind::not_found);
}

TEST_F(PdfSignatureTest, OfACertifiedFileNeedsAFieldThatIsThere) {
    PdfSignature certifying;
    certifying.certification = Certification::fields_only;
    const auto certified = an_.sign(with_empty_field(), certifying);
    ASSERT_TRUE(certified) << certified.error().detail;
    PdfSignature in_field;
    in_field.field = "Approval";

    expect_refused(binh_.prepare(*certified), "certified");
    const auto both = binh_.sign(*certified, in_field);

    ASSERT_TRUE(both) << both.error().detail;
    expect_all_valid(*both, 2);
    expect_refused(binh_.prepare(*both, certifying), "only the first");
}

TEST_F(PdfSignatureTest, IsRefusedWhereACertificationForbidsChanges) {
    PdfSignature certifying;
    certifying.certification = Certification::fields_only;
    auto certified = *an_.sign(with_empty_field(), certifying);
    certified.replace(certified.find("/P 2"), 4, "/P 1");
    PdfSignature in_field;
    in_field.field = "Approval";

    expect_refused(binh_.prepare(certified, in_field), "forbids every change");
}

TEST_F(PdfSignatureTest, IsRefusedInALockedField) {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R 101 0 R] /SigFlags 3 >>";
    sample.objects =
        "100 0 obj\n<< /FT /Sig /T (Approval) >>\nendobj\n"
        "101 0 obj\n<< /FT /Sig /T (First) /V << /Type /Sig /Reference [ << /TransformMethod "
        "/FieldMDP /TransformParams << /Action /Include /Fields [(Approval)] >> >> ] >> "
        ">>\nendobj\n";
    PdfSignature in_field;
    in_field.field = "Approval";

    expect_refused(an_.prepare(sample_pdf(sample), in_field), "locked");
    EXPECT_TRUE(an_.prepare(sample_pdf(sample)));
}

}  // namespace
}  // namespace cloudsign::document
