#include "cloudsign/evidence/status_collector.h"

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/evidence/evidence_site.h"

namespace cloudsign::evidence {
namespace {

class StatusCollectorTest : public WithSite {
protected:
    Result<ValidationData> collect(const ValidationData& known = {}) {
        StatusCollector collector(services_.fetch(), services_.clock);
        return collector.collect(site().an.chain(), known, document::now_ms() - 60'000);
    }

    static void expect_refused(const Result<ValidationData>& data, const std::string& words) {
        ASSERT_FALSE(data);
        EXPECT_EQ(data.error().kind, ErrorKind::unavailable);
        EXPECT_NE(data.error().detail.find(words), std::string::npos) << data.error().detail;
    }

    std::string serial() { return pki::read_certificate(site().an.chain().front())->serial_number; }
};

TEST_F(StatusCollectorTest, AsksTheResponderAndKeepsItsCertificate) {
    const auto data = collect();

    ASSERT_TRUE(data) << data.error().detail;
    EXPECT_EQ(data->ocsp_answers.size(), 1u);
    EXPECT_EQ(data->lists.size(), 0u);
    EXPECT_EQ(data->certificates.size(), 3u);  // leaf, anchor, responder
    EXPECT_EQ(services_.asked, std::vector{ocsp_url});
    EXPECT_TRUE(find_status(site().an.chain(), *data, document::now_ms()));
}

TEST_F(StatusCollectorTest, FallsBackToTheListWhereTheResponderFails) {
    services_.down.insert(ocsp_url);

    const auto data = collect();

    ASSERT_TRUE(data) << data.error().detail;
    EXPECT_EQ(data->ocsp_answers.size(), 0u);
    EXPECT_EQ(data->lists.size(), 1u);
    EXPECT_EQ(services_.asked, (std::vector{ocsp_url, list_url}));
    EXPECT_TRUE(find_status(site().an.chain(), *data, document::now_ms()));
}

TEST_F(StatusCollectorTest, SaysWhatEachAddressSaid) {
    services_.down = {ocsp_url, list_url};

    expect_refused(collect(), ocsp_url + ": it is down; " + list_url + ": it is down");
}

TEST_F(StatusCollectorTest, KnowsWhereNoWaitHelps) {
    StatusCollector collector(services_.fetch(), services_.clock);
    const document::Authority silent;
    const pki::TestKey key(hsm::protocol::KeyType::p256);
    const std::vector chain{silent.issue(key, "CN=An,C=VN", 7), silent.certificate()};

    expect_refused(collector.collect(chain, {}, 0), "names no address");
    EXPECT_TRUE(collector.nowhere_to_ask());
    EXPECT_TRUE(services_.asked.empty());
    services_.down = {ocsp_url, list_url};
    EXPECT_FALSE(collector.collect(site().an.chain(), {}, document::now_ms()));
    EXPECT_FALSE(collector.nowhere_to_ask()) << "an authority may return";
}

TEST_F(StatusCollectorTest, GoesToNoOtherAddressOnceTheCertificateIsRevoked) {
    services_.revoked.insert(serial());

    const auto data = collect();

    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().kind, ErrorKind::credential_disabled);
    EXPECT_NE(data.error().detail.find("Nguyễn Văn A"), std::string::npos) << data.error().detail;
    EXPECT_EQ(services_.asked, std::vector{ocsp_url});
    services_.down.insert(ocsp_url);
    EXPECT_EQ(collect().error().kind, ErrorKind::credential_disabled) << "the list says so too";
}

TEST_F(StatusCollectorTest, TakesNoAnswerAboutAnotherOrToAnother) {
    services_.down.insert(list_url);
    Bytes of_binh;
    services_.tampered[ocsp_url] = [&](const Bytes& answer) { return of_binh = answer; };
    StatusCollector other(services_.fetch(), services_.clock);
    ASSERT_TRUE(other.collect(site().binh.chain(), {}, 0));

    services_.tampered[ocsp_url] = [&](const Bytes&) { return of_binh; };
    expect_refused(collect(), "about another certificate");
    Bytes old;
    services_.tampered[ocsp_url] = [&](const Bytes& answer) { return old = answer; };
    ASSERT_TRUE(collect());
    services_.tampered[ocsp_url] = [&](const Bytes&) { return old; };
    expect_refused(collect(), "nonce");
    services_.tampered[ocsp_url] = [](Bytes answer) {
        answer[answer.size() / 4] ^= 1;
        return answer;
    };
    EXPECT_FALSE(collect());
    services_.tampered[ocsp_url] = [](const Bytes&) {
        return pki::ocsp_failure(pki::OcspFailure::try_later);
    };
    expect_refused(collect(), "trylater");
}

TEST_F(StatusCollectorTest, TakesNoAnswerOfAResponderOfAnotherAuthority) {
    services_.down.insert(list_url);
    PublicServices elsewhere;
    const auto fetch = elsewhere.fetch();
    // What that one signs about the certificates of a namesake.
    StatusCollector collector([&](const FetchRequest& request) { return fetch(request); },
                              services_.clock);

    const auto data = collector.collect(site().an.chain(), {}, 0);

    EXPECT_FALSE(data);
}

TEST_F(StatusCollectorTest, TakesNoAnswerThatOneOfThePeopleHasSigned) {
    services_.down.insert(list_url);
    const pki::TestKey key(hsm::protocol::KeyType::p256);
    const auto certificate = services_.authority.issue(key, "CN=Kẻ gian,C=VN", 77);
    const auto context = *pki::SigningContext::create();
    services_.tampered[ocsp_url] = [&](const Bytes&) {
        // Good about whomever was asked, by a key that the same authority has certified for
        // something else.
        const auto& chain = site().an.chain();
        const auto question = *pki::ask_status(chain[0], chain[1], Bytes(8, 1));
        pki::OcspAnswers answers;
        answers.responder = certificate;
        answers.this_update_ms = document::now_ms();
        answers.next_update_ms = document::now_ms() + 3'600'000;
        pki::StatusAnswer one;
        one.certificate_id =
            pki::read_ocsp_request(question, chain[1])->questions[0].certificate_id;
        one.status = pki::CertificateStatus::good;
        answers.answers.push_back(one);
        pki::TestSigner signer(key, test_algorithm);
        return *pki::sign_ocsp_answers(*context, signer, answers);
    };

    expect_refused(collect(), "not signed by who may answer");
}

TEST_F(StatusCollectorTest, TakesNoListOfAnotherTimeOrHand) {
    services_.down.insert(ocsp_url);
    PublicServices elsewhere;
    services_.tampered[list_url] = [&](const Bytes&) {
        FetchRequest request;
        request.url = list_url;
        return *elsewhere.fetch()(request);
    };
    expect_refused(collect(), "the list does not stand");
    services_.tampered.clear();
    const auto list = collect()->lists.front();
    const auto& chain = site().an.chain();

    const auto later = document::now_ms() + 24 * 3'600'000;
    EXPECT_FALSE(pki::check_revocation_list(list, chain[0], chain[1], later));
    EXPECT_TRUE(pki::check_revocation_list(list, chain[0], chain[1], std::nullopt));
}

TEST_F(StatusCollectorTest, AsksForNothingThatIsKnownAndAnewForWhatIsOlder) {
    const auto known = *collect();
    services_.asked.clear();

    ASSERT_TRUE(collect(known));
    EXPECT_TRUE(services_.asked.empty());
    StatusCollector collector(services_.fetch(), services_.clock);
    // Made before a signature of the future: current then, but older than it.
    ASSERT_TRUE(collector.collect(site().an.chain(), known, document::now_ms() + 60'000));
    EXPECT_EQ(services_.asked, std::vector{ocsp_url});
    services_.down = {ocsp_url, list_url};
    StatusCollector cut_off(services_.fetch(), services_.clock);
    EXPECT_TRUE(cut_off.collect(site().an.chain(), known, document::now_ms() + 60'000));
    EXPECT_FALSE(cut_off.collect(site().an.chain(), known, document::now_ms() + 7'200'000));
}

}  // namespace
}  // namespace cloudsign::evidence
