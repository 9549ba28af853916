#include <gtest/gtest.h>

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_security_store.h"
#include "cloudsign/document/pdf_timestamp.h"
#include "hsm/openssl/hex.h"
#include "tests/unit/cloudsign/verify/attacker.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

// What is done to a file or its evidence afterwards: each named.
namespace cloudsign::verify {
namespace {

using document::PdfSignature;
using document::sample_pdf;
using document::SamplePdf;
using evidence::Level;
using evidence::site;

class TamperingTest : public VerifyTest {
protected:
    // Poppler's pdfsig and we say the same of what both judge: the hash and the key.
    void expect_pdfsig_agrees(const std::string& pdf) {
        const auto report = verified(pdf);
        const auto others = judges_.pdfsig(pdf);
        std::size_t people = 0;
        for (const auto& signature : report.signatures) {
            if (signature.kind != SignatureKind::pdf) {
                continue;
            }
            const bool is_whole = !has(signature.findings, Code::digest_mismatch) &&
                                  !has(signature.findings, Code::signature_mismatch) &&
                                  !has(signature.findings, Code::cms_malformed);
            ASSERT_LT(people, others.size());
            EXPECT_EQ(others[people].is_valid, is_whole) << names_of(report);
            ++people;
        }
    }
};

TEST_F(TamperingTest, AByteFlippedInTheDocument) {
    const auto good = whole_pdf();
    for (const auto* place : {"Contract", "/MediaBox", "/Prev"}) {
        auto pdf = good;
        pdf[pdf.find(place) + 1] ^= 1;

        const auto report = verified(pdf);

        EXPECT_NE(report.verdict(), Verdict::valid) << place;
    }
    auto pdf = good;
    pdf[pdf.find("Contract")] ^= 1;
    expect(verified(pdf), Verdict::invalid, Code::digest_mismatch);
    expect_pdfsig_agrees(pdf);
    expect_pdfsig_agrees(good);
}

TEST_F(TamperingTest, AByteFlippedInTheSignature) {
    const auto good = signed_pdf();
    const auto hole = last_hole(good);
    int named = 0;
    for (auto at = hole.begin + 1; at < hole.begin + 1600; at += 41) {
        auto pdf = good;
        pdf[at] = pdf[at] == '0' ? '1' : '0';

        const auto report = verified(pdf);

        EXPECT_NE(report.verdict(), Verdict::valid) << at;
        named += found(report, Code::signature_mismatch) || found(report, Code::cms_malformed) ||
                 found(report, Code::digest_mismatch) ||
                 found(report, Code::signing_certificate_mismatch);
    }
    EXPECT_GT(named, 20);
}

TEST_F(TamperingTest, EveryByteOfAFileCounts) {
    const auto good = whole_pdf();
    for (std::size_t at = 3; at < good.size(); at += 199) {
        auto pdf = good;
        pdf[at] ^= 0x11;

        const auto report = verified(pdf);

        if (report.verdict() == Verdict::valid) {
            // Only what no signature covers: the evidence behind it, of which some is left over.
            EXPECT_GT(at, good.find("/DSS")) << at;
        }
    }
}

TEST_F(TamperingTest, AHiddenTextInTheSignaturesPlace) {
    auto pdf = signed_pdf();
    pdf[last_hole(pdf).end - 2] = '7';

    expect(verified(pdf), Verdict::invalid, Code::contents_padding);
}

TEST_F(TamperingTest, APageOverlaidInALaterIncrement) {
    const auto good = whole_pdf();
    const auto content = updated(
        good,
        {{{3, stream_of("BT /F1 18 Tf 72 720 Td (Contract no. 9) Tj ET")}}, "/Root 1 0 R", {}});
    const auto more = updated(
        good,
        {{{4,
           "<< /Type /Page /Parent 2 0 R /Contents [3 0 R 900 0 R] /Resources << /Font << /F1 << "
           "/Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"},
          {900, stream_of("1 0 0 rg 0 0 600 800 re f")}},
         "/Root 1 0 R",
         {}});
    for (const auto& pdf : {content, more}) {
        const auto report = verified(pdf);

        expect(report, Verdict::invalid, Code::changed_after_signing);
        ASSERT_FALSE(report.signatures.empty());
        EXPECT_TRUE(std::ranges::any_of(report.signatures[0].changes, [](const auto& change) {
            return change.kind == "page_changed" && change.detail == "1" && !change.is_allowed;
        })) << names_of(report);
        EXPECT_TRUE(judges_.pdfsig(pdf).at(0).is_valid);  // which is why this is looked at
    }
}

TEST_F(TamperingTest, TheSignerRevoked) {
    const auto serial = pki::read_certificate(site().an.chain().front())->serial_number;
    const auto plain = signed_pdf();
    const auto stamped = raised(plain, Level::t);
    services_.revoked.insert(serial);

    expect(verified_online(plain), Verdict::invalid, Code::revoked);
    services_.down.insert(evidence::ocsp_url);
    const auto by_list = verified_online(plain);
    expect(by_list, Verdict::invalid, Code::revoked);
    EXPECT_EQ(by_list.signatures.at(0).status.source, "crl");
    services_.down.clear();
    // The site's authority revokes as of a second ago, which was before that time-stamp.
    expect(verified_online(stamped), Verdict::invalid, Code::revoked_at_signing);
}

TEST_F(TamperingTest, TheSignerRevokedAfterwards) {
    const auto serial = pki::read_certificate(site().an.chain().front())->serial_number;
    services_.time_off_ms = -10'000;
    const auto pdf = raised(signed_pdf(), Level::t);
    services_.revoked.insert(serial);

    const auto report = verified_online(pdf);

    expect(report, Verdict::valid, Code::revoked_after_signing);
    EXPECT_TRUE(report.signatures.at(0).status.revoked_at_ms);
}

TEST_F(TamperingTest, AnotherRoot) {
    const document::Authority other;
    auto with = options();
    with.anchors = {other.certificate()};

    expect(
        verify_pdf(hsm::view_of(whole_pdf()), with), Verdict::indeterminate, Code::untrusted_root);
    with.anchors.clear();
    expect(
        verify_pdf(hsm::view_of(whole_pdf()), with), Verdict::indeterminate, Code::untrusted_root);
}

TEST_F(TamperingTest, ASignerOfAnotherRootWithTheSameName) {
    const document::Authority other;
    const document::Person impostor(other, "Nguyễn Văn A", 2);

    const auto report = verified(*impostor.sign(sample_pdf()));

    EXPECT_NE(report.verdict(), Verdict::valid);
    EXPECT_TRUE(found(report, Code::untrusted_root) || found(report, Code::chain_broken))
        << names_of(report);
}

TEST_F(TamperingTest, AFileCutOff) {
    const auto good = whole_pdf();
    int named = 0;
    for (auto size = good.size() - 7; size > 600; size -= 173) {
        const auto report = verified(good.substr(0, size));

        EXPECT_NE(report.verdict(), Verdict::valid) << size;
        named += found(report, Code::truncated);
    }
    EXPECT_GT(named, 20);
    const auto report = verified(good.substr(0, good.size() - 300));
    expect(report, Verdict::invalid, Code::truncated);
    EXPECT_EQ(report.signatures.size(), 1u);
}

TEST_F(TamperingTest, BytesBehindTheEnd) {
    const auto good = whole_pdf();

    expect(verified(good + "\r\n  \n"), Verdict::valid);
    expect(verified(good + "<script>"), Verdict::indeterminate, Code::trailing_bytes);
    expect(verified(good + std::string(100, '\0')), Verdict::indeterminate, Code::trailing_bytes);
}

TEST_F(TamperingTest, ATimestampSwapped) {
    const auto token_of = [](const std::string& pdf) {
        const auto signature = document::read_signatures(hsm::view_of(pdf))->at(0);
        return document::CmsContents::read(signature.contents)->timestamp();
    };
    auto pdf = signed_pdf();
    const auto other = raised(*site().binh.sign(sample_pdf()), Level::t);
    const auto place = document::read_signatures(hsm::view_of(pdf))->at(0);
    const auto contents = document::stamped_contents(place, token_of(other));
    ASSERT_TRUE(contents);
    pdf.replace(place.place.contents, contents->size(), *contents);

    expect(verified(pdf), Verdict::invalid, Code::timestamp_mismatch);
    EXPECT_FALSE(verified(pdf).signatures.at(0).proven_time_ms);
}

TEST_F(TamperingTest, ATimestampBroken) {
    auto pdf = raised(signed_pdf(), Level::t);
    const auto signature = document::read_signatures(hsm::view_of(pdf))->at(0);
    const auto token = document::CmsContents::read(signature.contents)->timestamp();
    // Its last bytes are its signature.
    const auto digits = hsm::openssl::hex(token);
    const auto at = pdf.find(digits, signature.place.contents);
    ASSERT_NE(at, std::string::npos);
    auto& digit = pdf[at + digits.size() - 1];
    digit = digit == '0' ? '1' : '0';

    expect(verified(pdf), Verdict::invalid, Code::timestamp_broken);
}

TEST_F(TamperingTest, ATimestampOfSomebodyElsesAuthority) {
    evidence::PublicServices others;
    const evidence::Timestamper timestamper(
        {evidence::tsa_url}, {others.authority.certificate()}, others.fetch(), others.clock);
    auto pdf = signed_pdf();
    const auto place = document::read_signatures(hsm::view_of(pdf))->at(0);
    const auto cms = document::CmsContents::read(place.contents);
    const auto token = const_cast<evidence::Timestamper&>(timestamper)
                           .stamp(hsm::protocol::DigestAlgorithm::sha256,
                                  hsm::openssl::digest_of(cms->signature(),
                                                          hsm::protocol::DigestAlgorithm::sha256));
    ASSERT_TRUE(token) << token.error().detail;
    const auto contents = document::stamped_contents(place, *token);
    pdf.replace(place.place.contents, contents->size(), *contents);

    expect(verified(pdf), Verdict::indeterminate, Code::timestamp_untrusted);
    EXPECT_FALSE(verified(pdf).signatures.at(0).proven_time_ms);
}

TEST_F(TamperingTest, EvidenceAboutAnother) {
    const auto other = raised(*site().binh.sign(sample_pdf()), Level::lt);
    const auto store = document::read_security_store(hsm::view_of(other));
    auto pdf = raised(signed_pdf(), Level::t);
    const auto contents = document::read_signatures(hsm::view_of(pdf))->at(0).contents;
    pdf += *document::add_validation_data(hsm::view_of(pdf), {{contents, store->data}});

    const auto report = verified(pdf);

    expect(report, Verdict::indeterminate, Code::status_of_another);
    EXPECT_EQ(report.signatures.at(0).level, verify::Level::b_t);
}

// Whoever made the file could name any address otherwise.
TEST_F(TamperingTest, NobodyIsAskedWhomNoAuthorityOfOursNames) {
    evidence::PublicServices others;
    const document::Person stranger(others.authority, "Người lạ", 9);
    services_.asked.clear();

    const auto report = verified_online(*stranger.sign(sample_pdf()));

    expect(report, Verdict::indeterminate, Code::untrusted_root);
    EXPECT_TRUE(services_.asked.empty());
}

// Its own certificate is whom you trust: nobody else is needed.
TEST_F(TamperingTest, ASignerWhoIsTrustedThemself) {
    auto with = options();
    with.anchors = {site().an.chain().front()};

    expect(verify_pdf(hsm::view_of(signed_pdf()), with), Verdict::valid, Code::no_timestamp);
}

// Its own authority says "good", but the answer is signed by somebody else's.
TEST_F(TamperingTest, EvidenceByAnotherAuthority) {
    evidence::PublicServices others;
    const document::Person same(others.authority, "Nguyễn Văn A", 2);
    evidence::StatusCollector collector(others.fetch(), others.clock);
    auto with = options();
    with.fetch = others.fetch();

    const auto report = verify_pdf(hsm::view_of(signed_pdf()), with);

    EXPECT_NE(report.verdict(), Verdict::valid) << names_of(report);
}

TEST_F(TamperingTest, StaleEvidence) {
    const auto pdf = raised(signed_pdf(), Level::lt);
    auto later = options();
    later.now_ms += 24 * 3'600'000ll;
    // With a time-stamp, the status at that time is what counts.
    EXPECT_EQ(verify_pdf(hsm::view_of(pdf), later).verdict(), Verdict::valid);

    const auto contents = document::read_signatures(hsm::view_of(pdf))->at(0).contents;
    const auto data = document::read_security_store(hsm::view_of(pdf))->data;
    auto plain = signed_pdf();
    plain += *document::add_validation_data(hsm::view_of(plain), {{contents, data}});

    EXPECT_EQ(verified(plain).verdict(), Verdict::valid) << names_of(verified(plain));
    expect(verify_pdf(hsm::view_of(plain), later), Verdict::indeterminate, Code::status_stale);
}

// Somebody whose certificate is good for the time that is named.
class Guest {
public:
    Guest(std::int64_t from_ms,
          std::int64_t to_ms,
          pki::Profile profile = pki::Profile::person,
          const std::string& subject = "CN=Lê Thị C,C=VN") {
        const auto& authority = site().services.authority;
        const auto algorithm = evidence::test_algorithm;
        pki::TbsRequest request;
        request.profile = profile;
        request.subject = subject;
        request.spki = key_.spki();
        request.issuer = authority.certificate();
        request.algorithm = algorithm;
        request.serial_number[15] = 77;
        request.valid_from_ms = from_ms;
        request.valid_to_ms = to_ms;
        request.published = {"", evidence::ocsp_url, evidence::list_url};
        const auto tbs = pki::build_tbs(request);
        chain_ = {
            *pki::assemble(
                *tbs, algorithm, authority.key().sign(algorithm, *tbs), authority.certificate()),
            authority.certificate()};
    }

    std::string sign(const std::string& pdf) const {
        PdfSignature wish;
        wish.time_ms = document::now_ms();
        const auto prepared =
            document::prepare_pdf(hsm::view_of(pdf), chain_, evidence::test_algorithm, wish);
        return pdf + *document::complete_pdf(
                         *prepared,
                         key_.sign(evidence::test_algorithm, prepared->cms.signed_attributes),
                         chain_);
    }

private:
    pki::TestKey key_{hsm::protocol::KeyType::p256};
    std::vector<Bytes> chain_;
};

std::string stamped(std::string pdf) {
    auto& services = site().services;
    evidence::Timestamper timestamper(
        {evidence::tsa_url}, {services.authority.certificate()}, services.fetch(), services.clock);
    const auto place = document::read_signatures(hsm::view_of(pdf))->at(0);
    const auto cms = document::CmsContents::read(place.contents);
    const auto token = timestamper.stamp(
        hsm::protocol::DigestAlgorithm::sha256,
        hsm::openssl::digest_of(cms->signature(), hsm::protocol::DigestAlgorithm::sha256));
    const auto contents = document::stamped_contents(place, *token);
    pdf.replace(place.place.contents, contents->size(), *contents);
    return pdf;
}

TEST_F(TamperingTest, ACertificateExpiredAtSigning) {
    const auto now = document::now_ms();
    // The site's root is an hour old.
    const Guest expired(now - 3'000'000, now - 60'000);
    const Guest early(now + 600'000, now + 1'200'000);

    const auto pdf = expired.sign(sample_pdf());
    expect(verified_online(pdf), Verdict::invalid, Code::expired_at_signing);
    expect(verified_online(stamped(pdf)), Verdict::invalid, Code::expired_at_signing);
    expect(verified_online(stamped(early.sign(sample_pdf()))),
           Verdict::invalid,
           Code::not_yet_valid_at_signing);
}

TEST_F(TamperingTest, ACertificateThatExpiredMeanwhile) {
    const auto now = document::now_ms();
    const Guest guest(now - 3'000'000, now + 600'000);
    const auto pdf = guest.sign(sample_pdf());
    auto later = options();
    later.now_ms += 1'200'000;
    later.fetch = services_.fetch();

    expect(verify_pdf(hsm::view_of(pdf), later), Verdict::indeterminate, Code::expired);
    EXPECT_FALSE(found(verify_pdf(hsm::view_of(stamped(pdf)), later), Code::expired));
}

TEST_F(TamperingTest, ACertificateForSomethingElse) {
    const auto now = document::now_ms();
    const Guest stamper(now - 3'000'000, now + 600'000, pki::Profile::tsa);

    expect(verified_online(stamper.sign(sample_pdf())), Verdict::invalid, Code::wrong_usage);
}

TEST_F(TamperingTest, APersonsCertificateForAnOrganisation) {
    const auto now = document::now_ms();
    const Guest person(now - 3'000'000, now + 600'000);
    const Guest organisation(now - 3'000'000,
                             now + 600'000,
                             pki::Profile::organisation,
                             "CN=Trường THCS Kim Đồng,O=Trường THCS Kim Đồng,UID=MST:0101,C=VN");
    auto with = options();
    with.fetch = services_.fetch();
    with.of_organisation = {"Signature1"};

    expect(verify_pdf(hsm::view_of(person.sign(sample_pdf())), with),
           Verdict::indeterminate,
           Code::personal_for_organisation);
    expect(verify_pdf(hsm::view_of(organisation.sign(sample_pdf())), with), Verdict::valid);
}

TEST_F(TamperingTest, SomethingThatIsNoPdf) {
    expect(verified(""), Verdict::indeterminate, Code::unreadable);
    expect(verified("PK\x03\x04"), Verdict::indeterminate, Code::unreadable);
    expect(verified(sample_pdf()), Verdict::indeterminate, Code::no_signature);
    const auto encrypted = document::rewritten_pdf(sample_pdf(), [](QPDFWriter& writer) {
        writer.setR6EncryptionParameters(
            "", "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
    });
    expect(verified(encrypted), Verdict::indeterminate, Code::unreadable);
}

TEST_F(TamperingTest, TimeRunsOut) {
    auto with = options();
    with.time_max = std::chrono::milliseconds(0);

    const auto report = verify_pdf(hsm::view_of(whole_pdf()), with);

    expect(report, Verdict::indeterminate, Code::too_long);
    EXPECT_EQ(report.signatures.at(0).verdict(), Verdict::indeterminate);
}

}  // namespace
}  // namespace cloudsign::verify
