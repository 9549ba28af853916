#include "cloudsign/evidence/pdf_extender.h"

#include <gtest/gtest.h>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_timestamp.h"
#include "cloudsign/pki/timestamp_token.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/evidence/evidence_site.h"

namespace cloudsign::evidence {
namespace {

using document::PdfSignature;
using document::sample_pdf;
using document::stream_pdf;

class PdfExtenderTest : public WithSite {
protected:
    std::string signed_pdf() { return *site().an.sign(sample_pdf()); }

    // `contents_at`: where a token went into a signature that was there, or npos.
    static void expect_untouched(const std::string& before,
                                 const std::string& after,
                                 std::size_t contents_at = std::string::npos) {
        ASSERT_GE(after.size(), before.size());
        auto expected = before;
        if (contents_at != std::string::npos) {
            const auto size = before.find('>', contents_at) - contents_at;
            expected.replace(contents_at, size, after.substr(contents_at, size));
        }
        EXPECT_TRUE(after.starts_with(expected));
    }

    static std::size_t contents_of(const std::string& pdf, std::size_t number) {
        return document::read_signatures(hsm::view_of(pdf))->at(number).place.contents;
    }

    void expect_others_agree(const std::string& pdf, std::ptrdiff_t people) {
        EXPECT_EQ(judges_.qpdf_complaint(pdf), "");
        const auto signatures = judges_.pdfsig(pdf);
        EXPECT_EQ(
            std::ranges::count_if(
                signatures,
                [](const auto& one) { return one.is_valid && one.type == "ETSI.CAdES.detached"; }),
            people);
        expect_openssl_agrees(pdf);
    }

    // openssl ts -verify of every document time-stamp, and openssl ocsp of every answer.
    void expect_openssl_agrees(const std::string& pdf) {
        const auto& folder = judges_.folder();
        const auto root = (folder / "root.pem").string();
        const auto signatures = document::read_signatures(hsm::view_of(pdf));
        ASSERT_TRUE(signatures);
        for (const auto& one : *signatures) {
            if (one.is_timestamp) {
                expect_stamps(bytes_of(document::der_object(one.contents)),
                              pdf.substr(0, one.place.contents) +
                                  pdf.substr(one.place.behind, one.end - one.place.behind));
                continue;
            }
            const auto cms = document::CmsContents::read(one.contents);
            ASSERT_TRUE(cms);
            if (!cms->timestamp().empty()) {
                expect_stamps(cms->timestamp(), std::string(hsm::text_of(cms->signature())));
            }
        }
        const auto store = document::read_security_store(hsm::view_of(pdf));
        for (const auto& answer : store->data.ocsp_answers) {
            tests::support::write_file(folder / "answer.der", std::string(hsm::text_of(answer)));
            const auto said = tests::support::run_program(folder,
                                                          "/usr/bin/openssl",
                                                          {"ocsp",
                                                           "-respin",
                                                           (folder / "answer.der").string(),
                                                           "-CAfile",
                                                           root,
                                                           "-issuer",
                                                           root});
            EXPECT_NE((said.out + said.err).find("Response verify OK"), std::string::npos)
                << said.err;
        }
    }

    void expect_stamps(const Bytes& token, const std::string& content) {
        const auto& folder = judges_.folder();
        tests::support::write_file(folder / "token.der", std::string(hsm::text_of(token)));
        tests::support::write_file(folder / "stamped", content);
        const auto said = tests::support::run_program(folder,
                                                      "/usr/bin/openssl",
                                                      {"ts",
                                                       "-verify",
                                                       "-token_in",
                                                       "-in",
                                                       (folder / "token.der").string(),
                                                       "-data",
                                                       (folder / "stamped").string(),
                                                       "-CAfile",
                                                       (folder / "root.pem").string()});
        EXPECT_EQ(said.code, 0) << said.out << said.err;
    }
};

TEST_F(PdfExtenderTest, RaisesLevelByLevelAndOthersAgree) {
    auto pdf = signed_pdf();
    EXPECT_EQ(site().level(pdf), Level::b);
    for (const auto level : {Level::t, Level::lt, Level::lta}) {
        const auto before = pdf;

        const auto raised = site().raise(pdf, level);

        ASSERT_FALSE(raised.missed) << raised.missed->detail;
        EXPECT_EQ(raised.level, level);
        EXPECT_EQ(site().level(pdf), level);
        expect_untouched(before, pdf, level == Level::t ? contents_of(pdf, 0) : std::string::npos);
        expect_others_agree(pdf, 1);
    }
    EXPECT_EQ(judges_.pdfsig(pdf).size(), 2u);
    const auto before = pdf;
    EXPECT_FALSE(site().raise(pdf, Level::lta).missed);
    EXPECT_EQ(pdf, before) << "there is nothing to raise";
}

TEST_F(PdfExtenderTest, PutsTheTokenIntoTheSignatureThatIsLast) {
    auto pdf = signed_pdf();
    const auto size = pdf.size();

    ASSERT_FALSE(site().raise(pdf, Level::t).missed);

    EXPECT_EQ(pdf.size(), size);
    EXPECT_EQ(judges_.openssl_complaint(pdf), "") << "the CMS, with the token in it";
}

TEST_F(PdfExtenderTest, TakesATokenThatIsLargerThanOthers) {
    for (const std::size_t size : {20'000u, 60'000u}) {
        std::vector<std::size_t> asked;
        const PdfExtender::Keep keep = [](const PdfChange&) -> Result<hsm::ByteView> {
            return Error{ErrorKind::internal, "kept"};
        };
        PdfExtender extender(
            [&](auto, const Bytes& hash) {
                asked.push_back(hash.size());
                Bytes token{0x30, 0x83, 0, 0, 0};
                token[3] = static_cast<hsm::Byte>(size >> 8);
                token[4] = static_cast<hsm::Byte>(size & 0xff);
                token.resize(5 + size);
                return Result<Bytes>(token);
            },
            services_.fetch(),
            {services_.authority.certificate()},
            services_.clock);

        const auto raised = extender.raise(hsm::view_of(signed_pdf()), Level::t, keep);

        // Into the signature where it has the room; else over the file, at the second attempt.
        EXPECT_EQ(raised.missed->detail, "kept");
        EXPECT_EQ(asked.size(), size == 20'000u ? 1u : 3u);
    }
}

TEST_F(PdfExtenderTest, OfTwoPeopleIsRaisedTogether) {
    auto pdf = *site().binh.sign(signed_pdf());
    const auto before = pdf;

    const auto raised = site().raise(pdf, Level::lta);

    ASSERT_FALSE(raised.missed) << raised.missed->detail;
    EXPECT_EQ(raised.level, Level::lta);
    expect_others_agree(pdf, 2);
    expect_untouched(before, pdf, contents_of(pdf, 1));
    // Nobody puts anything into the first: the second covers it.
    EXPECT_TRUE(pdf.starts_with(before.substr(0, contents_of(pdf, 1))));
}

TEST_F(PdfExtenderTest, OfSomebodyWhoComesLaterIsRaisedToo) {
    auto pdf = signed_pdf();
    ASSERT_FALSE(site().raise(pdf, Level::lta).missed);
    const auto first = pdf;
    pdf = *site().binh.sign(pdf);
    EXPECT_EQ(site().level(pdf), Level::b);
    services_.asked.clear();

    const auto raised = site().raise(pdf, Level::lta);

    ASSERT_FALSE(raised.missed) << raised.missed->detail;
    EXPECT_TRUE(pdf.starts_with(first));
    expect_others_agree(pdf, 2);
    EXPECT_FALSE(services_.asked.empty());
}

TEST_F(PdfExtenderTest, GoesOnWhereAServiceThatWasDownIsBack) {
    for (const auto& down : {std::set{tsa_url, second_tsa_url}, std::set{ocsp_url, list_url}}) {
        auto pdf = signed_pdf();
        services_.down = down;
        const bool is_stamped = !down.contains(tsa_url);

        const auto missed = site().raise(pdf, Level::lta);

        ASSERT_TRUE(missed.missed);
        EXPECT_EQ(missed.missed->kind, ErrorKind::unavailable);
        EXPECT_EQ(missed.level, is_stamped ? Level::t : Level::b);
        expect_others_agree(pdf, 1);
        services_.down.clear();
        const auto before = pdf;
        const auto raised = site().raise(pdf, Level::lta);
        EXPECT_FALSE(raised.missed);
        EXPECT_EQ(raised.level, Level::lta);
        expect_untouched(before, pdf, is_stamped ? std::string::npos : contents_of(pdf, 0));
        expect_others_agree(pdf, 1);
    }
}

TEST_F(PdfExtenderTest, StopsAtEachStepWithWhatIsReached) {
    // The time-stamping authorities answer so many questions and no more.
    for (const int answers : {0, 1, 2}) {
        auto pdf = signed_pdf();
        int left = answers;
        for (const auto& url : {tsa_url, second_tsa_url}) {
            services_.tampered[url] = [&left](Bytes answer) {
                return left-- > 0 ? std::move(answer) : Bytes();
            };
        }

        const auto raised = site().raise(pdf, Level::lta);

        EXPECT_EQ(raised.level, answers == 0 ? Level::b : answers == 1 ? Level::lt : Level::lta);
        EXPECT_EQ(raised.missed.has_value(), answers < 2);
        EXPECT_EQ(site().level(pdf), raised.level);
        expect_others_agree(pdf, 1);
    }
}

TEST_F(PdfExtenderTest, TakesTheListWhereTheResponderIsDown) {
    auto pdf = signed_pdf();
    services_.down.insert(ocsp_url);

    const auto raised = site().raise(pdf, Level::lta);

    EXPECT_FALSE(raised.missed);
    EXPECT_EQ(raised.level, Level::lta);
    const auto store = document::read_security_store(hsm::view_of(pdf));
    EXPECT_EQ(store->data.ocsp_answers.size(), 0u);
    EXPECT_EQ(store->data.lists.size(), 1u) << "one list for the whole chain";
    expect_others_agree(pdf, 1);
}

TEST_F(PdfExtenderTest, ProvesTheTimeOfAnEarlierSignatureByADocumentTimestamp) {
    auto pdf = signed_pdf();
    services_.down = {tsa_url, second_tsa_url};
    ASSERT_TRUE(site().raise(pdf, Level::lta).missed);
    services_.down.clear();
    const auto before = pdf = *site().binh.sign(pdf);
    ASSERT_FALSE(site().raise(pdf, Level::t).missed);

    const auto signatures = document::read_signatures(hsm::view_of(pdf));

    // Bình's has its own; An's has the document time-stamp's.
    EXPECT_EQ(signatures->size(), 3u);
    EXPECT_EQ(site().level(pdf), Level::t);
    ASSERT_FALSE(site().raise(pdf, Level::lta).missed);
    expect_others_agree(pdf, 2);
    expect_untouched(before, pdf, signatures->at(1).place.contents);
}

TEST_F(PdfExtenderTest, ARevokedSignerGetsNoEvidenceOfTheContrary) {
    auto pdf = signed_pdf();
    services_.revoked.insert(pki::read_certificate(site().an.chain().front())->serial_number);

    const auto raised = site().raise(pdf, Level::lta);

    ASSERT_TRUE(raised.missed);
    EXPECT_EQ(raised.missed->kind, ErrorKind::credential_disabled);
    EXPECT_EQ(raised.level, Level::t);
}

TEST_F(PdfExtenderTest, RenewsWithAnotherTimestampOverWhatTheLastOneNeeds) {
    auto pdf = signed_pdf();
    ASSERT_FALSE(site().raise(pdf, Level::lta).missed);
    for (int round = 1; round <= 2; ++round) {
        const auto before = pdf;

        const auto renewed = site().renew(pdf);

        ASSERT_FALSE(renewed.missed) << renewed.missed->detail;
        EXPECT_EQ(renewed.level, Level::lta);
        EXPECT_TRUE(pdf.starts_with(before));
        EXPECT_EQ(document::read_signatures(hsm::view_of(pdf))->size(), 2u + round);
        expect_others_agree(pdf, 1);
    }
    const auto before = pdf;
    services_.down = {tsa_url, second_tsa_url};
    const auto failed = site().renew(pdf);
    EXPECT_TRUE(failed.missed);
    EXPECT_EQ(failed.level, Level::lta) << "what it was, it is";
    EXPECT_TRUE(pdf.starts_with(before));
}

TEST_F(PdfExtenderTest, RenewsNothingWhoseLastTimestampHasEnded) {
    auto pdf = signed_pdf();
    ASSERT_FALSE(site().raise(pdf, Level::lta).missed);
    const auto look = site().extender().look(hsm::view_of(pdf));
    EXPECT_GT(look.renew_before_ms, document::now_ms());
    const FakeClock later(look.renew_before_ms + 1000);
    PdfExtender extender([](auto, const Bytes&) { return Result<Bytes>(Bytes()); },
                         services_.fetch(),
                         {services_.authority.certificate()},
                         later);

    const auto renewed = extender.renew(hsm::view_of(pdf), Site::keep_in(pdf));

    ASSERT_TRUE(renewed.missed);
    EXPECT_EQ(renewed.missed->kind, ErrorKind::conflict);
}

TEST_F(PdfExtenderTest, LeavesWhatOthersHaveSignedAndNeedsOneOfOurs) {
    const document::Authority elsewhere;
    const document::Person stranger(elsewhere, "Người lạ", 9);
    auto foreign = *stranger.sign(sample_pdf());
    const auto refused = site().raise(foreign, Level::lta);
    ASSERT_TRUE(refused.missed);
    EXPECT_EQ(refused.missed->kind, ErrorKind::invalid);
    EXPECT_NE(refused.missed->detail.find("trusted here"), std::string::npos);

    auto both = *site().an.sign(foreign);
    const auto raised = site().raise(both, Level::lta);

    EXPECT_FALSE(raised.missed);
    EXPECT_EQ(raised.level, Level::lta);
    EXPECT_EQ(raised.left.size(), 1u);
}

TEST_F(PdfExtenderTest, RaisesNothingThatWasChanged) {
    auto pdf = signed_pdf();
    pdf[pdf.find("Contract")] = 'K';

    const auto raised = site().raise(pdf, Level::lta);

    ASSERT_TRUE(raised.missed);
    EXPECT_NE(raised.missed->detail.find("is not the one that was signed"), std::string::npos)
        << raised.missed->detail;
}

TEST_F(PdfExtenderTest, OfACertifiedFileIsRaisedToo) {
    PdfSignature certifying;
    certifying.certification = document::Certification::fields_only;
    auto pdf = *site().an.sign(sample_pdf(), certifying);

    const auto raised = site().raise(pdf, Level::lta);

    ASSERT_FALSE(raised.missed) << raised.missed->detail;
    expect_others_agree(pdf, 1);
}

TEST_F(PdfExtenderTest, TakesNoTimestampOfAnotherSignatureForItsOwn) {
    auto stamped = signed_pdf();
    ASSERT_FALSE(site().raise(stamped, Level::t).missed);
    const auto token = document::CmsContents::read(
                           document::read_signatures(hsm::view_of(stamped))->front().contents)
                           ->timestamp();
    auto pdf = *site().an.sign(stream_pdf(sample_pdf()));
    const auto place = document::read_signatures(hsm::view_of(pdf))->front();
    const auto contents = document::stamped_contents(place, token);
    ASSERT_TRUE(contents);
    pdf.replace(place.place.contents, contents->size(), *contents);

    EXPECT_EQ(site().level(pdf), Level::b);
    ASSERT_FALSE(site().raise(pdf, Level::t).missed) << "a document time-stamp proves it then";
    EXPECT_EQ(document::read_signatures(hsm::view_of(pdf))->size(), 2u);
}

}  // namespace
}  // namespace cloudsign::evidence
