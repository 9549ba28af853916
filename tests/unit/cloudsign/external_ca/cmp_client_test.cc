#include "cloudsign/external_ca/cmp_client.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <openssl/err.h>

#include "cloudsign/pki/certificate.h"
#include "tests/unit/cloudsign/external_ca/cmp_site.h"

namespace cloudsign::external_ca {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto both = {Protection::secret, Protection::signature};

class CmpClientTest : public CmpSite {};

class UnderBoth : public CmpSite, public testing::WithParamInterface<Protection> {};

INSTANTIATE_TEST_SUITE_P(Protections, UnderBoth, testing::ValuesIn(both));

TEST_P(UnderBoth, AnIssuedCertificateComesWithWhatCameAlong) {
    const auto answer = request(settings(GetParam()));

    ASSERT_TRUE(answer) << answer.error().detail;
    const auto& issued = std::get<Issued>(*answer);
    EXPECT_THAT(server_.issued, ElementsAre(issued.certificate));
    EXPECT_THAT(issued.others, Contains(authority().issuer.der()));
    EXPECT_THAT(issued.others, Contains(authority().root.der()));
    ASSERT_THAT(seen_, SizeIs(1));
    EXPECT_EQ(seen_[0].certificate, issued.certificate);
    EXPECT_EQ(seen_[0].others, issued.others);
    EXPECT_THAT(server_.confirmations, ElementsAre(HasSubstr("accepted")));
    ASSERT_THAT(server_.requests, SizeIs(2));
    EXPECT_EQ(server_.requests[0].url, cmp_url);
    EXPECT_EQ(server_.requests[0].content_type, "application/pkixcmp");
    EXPECT_EQ(server_.requests[0].answer_max, 256u * 1024);
    EXPECT_EQ(server_.requests[0].deadline, seconds(30));
}

TEST_P(UnderBoth, AWaitingAuthorityIsPolled) {
    server_.polls = 2;

    const auto answer = request(settings(GetParam()));

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Issued>(*answer).certificate, server_.issued.at(0));
    EXPECT_THAT(waits_, ElementsAre(seconds(3), seconds(3)));
    EXPECT_THAT(server_.requests, SizeIs(5)) << "request, three polls, certConf";
    EXPECT_EQ(server_.requests.back().deadline, seconds(24));
}

TEST_P(UnderBoth, WhoWantsMoreTimeThanThereIsPatienceIsAskedLater) {
    server_.polls = 1;
    server_.check_after_s = 3600;

    const auto answer = request(settings(GetParam()));

    ASSERT_TRUE(answer) << answer.error().detail;
    const auto& later = std::get<AskLater>(*answer);
    EXPECT_EQ(later.after_ms, 3'600'000);
    EXPECT_TRUE(waits_.empty());

    const auto next = request(settings(GetParam()), later.transaction);

    ASSERT_TRUE(next) << next.error().detail;
    EXPECT_EQ(std::get<Issued>(*next).certificate, server_.issued.at(0));
    EXPECT_THAT(server_.confirmations, SizeIs(1));
    EXPECT_THAT(server_.requests, SizeIs(4)) << "request, poll; poll, certConf";
}

TEST_P(UnderBoth, ATransactionGoesOnAsOftenAsItMust) {
    server_.polls = 4;
    server_.check_after_s = 31;
    auto answer = request(settings(GetParam()));
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(answer) << answer.error().detail;
        ASSERT_TRUE(std::holds_alternative<AskLater>(*answer)) << i;
        const auto transaction = std::get<AskLater>(*answer).transaction;
        answer = request(settings(GetParam()), transaction);
    }

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_TRUE(std::holds_alternative<Issued>(*answer)) << answer->index();
    EXPECT_THAT(server_.requests, SizeIs(7)) << "request, five polls, certConf";
}

TEST_P(UnderBoth, ARefusalIsToldInWords) {
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_badCertTemplate, "no such\x1b[31mprofile"};

    const auto answer = request(settings(GetParam()));

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Refused>(*answer).reason,
              "badCertTemplate: it does not issue such a certificate; no such?[31mprofile");
    EXPECT_TRUE(seen_.empty());
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_systemUnavail, "tonight"};
    expect_unavailable(request(settings(GetParam())), "out of order; tonight");
}

TEST_P(UnderBoth, WhatTheCheckRefusesIsRejectedThere) {
    verdict_ = Error{ErrorKind::conflict, "not the name that was asked for"};

    const auto answer = request(settings(GetParam()));

    expect_error(answer, ErrorKind::conflict, "not the name that was asked for");
    ASSERT_THAT(server_.confirmations, SizeIs(1));
    EXPECT_THAT(server_.confirmations[0], HasSubstr("rejection"));
    EXPECT_THAT(server_.confirmations[0], HasSubstr("not the name that was asked for"));
}

TEST_P(UnderBoth, ACertificateForAnotherKeyIsRejectedThere) {
    const MadeKey other;
    server_.other_key = [&](EVP_PKEY*) { return other.key.get(); };

    expect_error(
        request(settings(GetParam())), ErrorKind::conflict, "another key than was asked for");

    EXPECT_TRUE(seen_.empty());
    EXPECT_THAT(server_.confirmations, ElementsAre(HasSubstr("rejection")));
}

// For authorities that know no PKCS #10: the same subject and key in a CertTemplate.
TEST_P(UnderBoth, ATemplateIsAskedForWhereTheAuthorityAllowsIt) {
    const auto ask = [&](CmpAsking asking) {
        auto with = settings(GetParam());
        with.asking = asking;
        return request(std::move(with));
    };
    const auto refused = ask(CmpAsking::ir);
    ASSERT_TRUE(refused) << refused.error().detail;
    EXPECT_THAT(std::get<Refused>(*refused).reason, HasSubstr("badPOP"));

    OSSL_CMP_SRV_CTX_set_accept_raverified(server_.server(), 1);
    server_.polls = 1;
    ASSERT_TRUE(ask(CmpAsking::ir));
    ASSERT_TRUE(ask(CmpAsking::cr));
    renews_ = server_.issued.back();
    const auto renewed = ask(CmpAsking::ir);

    ASSERT_TRUE(renewed) << renewed.error().detail;
    EXPECT_EQ(std::get<Issued>(*renewed).certificate, server_.issued.back());
    EXPECT_THAT(server_.asked, ElementsAre(OSSL_CMP_IR, OSSL_CMP_CR, OSSL_CMP_KUR));
    EXPECT_EQ(server_.renewed.back(), pki::read_certificate(renews_)->serial_number);
    EXPECT_THAT(seen_, SizeIs(3));
    EXPECT_THAT(server_.confirmations, SizeIs(3));
}

TEST_F(CmpClientTest, ARequestThatItsKeyHasNotSignedIsNotSent) {
    auto changed = request_;
    changed[changed.size() / 2] ^= 1;
    const auto check = [](const Issued&) { return Result<void>(); };
    EXPECT_EQ(client(settings(Protection::secret)).request({changed}, check).error().kind,
              ErrorKind::invalid);
    EXPECT_TRUE(server_.requests.empty());
}

TEST_P(UnderBoth, ARevocationIsAskedForWithItsReason) {
    const auto& revoked = authority().office;

    const auto done =
        client(settings(GetParam())).revoke(revoked.der(), pki::RevocationReason::key_compromise);

    ASSERT_TRUE(done) << done.error().detail;
    const auto* serial = X509_get0_serialNumber(revoked.certificate.get());
    ASSERT_THAT(server_.revoked, SizeIs(1));
    EXPECT_TRUE(hsm::equal(
        server_.revoked[0],
        {ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))}));
    const Bytes reason{0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x01};
    const auto& sent = server_.requests.at(0).body;
    EXPECT_NE(std::search(sent.begin(), sent.end(), reason.begin(), reason.end()), sent.end());
}

TEST_P(UnderBoth, ARefusedRevocationSaysWhy) {
    const auto revoke = [&] {
        return client(settings(GetParam()))
            .revoke(authority().office.der(), pki::RevocationReason::unspecified);
    };
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_badCertId, "not ours"};

    const auto refused = revoke();

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_THAT(refused.error().detail, HasSubstr("does not know the certificate; not ours"));
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_certRevoked, ""};
    EXPECT_TRUE(revoke()) << "what is revoked already is revoked";
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_systemFailure, ""};
    EXPECT_EQ(revoke().error().kind, ErrorKind::unavailable);
}

TEST_F(CmpClientTest, SaysWhatIsWrongOnTheWay) {
    const auto answers = [&](const Result<Bytes>& answer) {
        server_.on_the_way = [=](const Bytes&) { return answer; };
        return request(settings(Protection::secret));
    };
    expect_unavailable(answers(Error{ErrorKind::unavailable, "connection refused"}),
                       "cannot be reached: connection refused");
    expect_unavailable(answers(Error{ErrorKind::not_found, "404"}), "correct its path");
    expect_unavailable(answers(Bytes(256 * 1024 + 1, 0x30)), "larger than 256 KiB");
    expect_unavailable(answers(Bytes{'<', 'h', 't', 'm', 'l', '>'}), "does not speak CMP");
    expect_unavailable(answers(Bytes{}), "does not speak CMP");
    server_.on_the_way = [](Bytes answer) {
        answer.push_back(0);
        return answer;
    };
    expect_unavailable(request(settings(Protection::secret)), "does not speak CMP");
}

TEST_F(CmpClientTest, AConfirmationThatIsLostIsNoCertificate) {
    server_.on_the_way = [&](const Bytes& answer) -> Result<Bytes> {
        if (server_.requests.size() == 2) {
            return Error{ErrorKind::unavailable, "gone"};
        }
        return answer;
    };

    expect_unavailable(request(settings(Protection::secret)), "cannot be reached: gone");
}

TEST_F(CmpClientTest, ComesToAnEnd) {
    server_.polls = 1000;
    server_.check_after_s = 0;
    auto patient = settings(Protection::secret);
    patient.patience = std::chrono::hours(1);

    expect_unavailable(request(std::move(patient)), "after 64 messages");

    EXPECT_THAT(server_.requests, SizeIs(64));
    EXPECT_THAT(waits_, SizeIs(63));
    EXPECT_EQ(waits_.front(), seconds(1)) << "not at once, even where the authority says so";
}

TEST_F(CmpClientTest, GoesOnWithNothingButATransaction) {
    server_.polls = 9;
    server_.check_after_s = 60;
    const auto answer = request(settings(Protection::secret));
    auto transaction = std::get<AskLater>(*answer).transaction;
    const auto asked = server_.requests.size();

    auto longer = transaction;
    longer.push_back(0);
    const Bytes shorter(transaction.begin(), transaction.end() - 1);
    for (const auto& wrong : {Bytes{1}, shorter, longer}) {
        expect_error(request(settings(Protection::secret), wrong), ErrorKind::invalid, "is none");
    }
    transaction[transaction.size() / 8] ^= 1;
    EXPECT_FALSE(request(settings(Protection::secret), transaction));

    EXPECT_EQ(server_.requests.size(), asked) << "nobody is asked";
}

TEST_F(CmpClientTest, RefusesSettingsThatCannotBeUsed) {
    const auto refused = [&](CmpSettings with) {
        const auto checked = client(std::move(with)).check_settings();
        EXPECT_FALSE(checked);
        EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
        return checked.error().detail;
    };
    for (const auto protection : both) {
        EXPECT_TRUE(client(settings(protection)).check_settings());
        auto wrong = settings(protection);
        wrong.anchors.push_back({1, 2});
        EXPECT_THAT(refused(std::move(wrong)), HasSubstr("anchor"));
        wrong = settings(protection);
        wrong.recipient = "nobody";
        refused(std::move(wrong));
    }
    auto with_secret = settings(Protection::secret);
    std::get<CmpSecret>(with_secret.protection).reference.clear();
    EXPECT_THAT(refused(std::move(with_secret)), HasSubstr("reference"));
    auto signing = settings(Protection::signature);
    std::get<CmpSignature>(signing.protection).key = authority().root.key.shared();
    EXPECT_THAT(refused(std::move(signing)), HasSubstr("do not belong together"));
    signing = settings(Protection::signature);
    std::get<CmpSignature>(signing.protection).intermediates = {{1}};
    EXPECT_THAT(refused(std::move(signing)), HasSubstr("cannot be read"));
    signing = settings(Protection::signature);
    signing.anchors.clear();
    EXPECT_THAT(refused(std::move(signing)), HasSubstr("configure an anchor"));
    EXPECT_EQ(client(settings(Protection::secret)).request({{1}}, {}).error().kind,
              ErrorKind::invalid);
    EXPECT_EQ(client(settings(Protection::secret))
                  .revoke({1}, pki::RevocationReason::superseded)
                  .error()
                  .kind,
              ErrorKind::invalid);
}

TEST_F(CmpClientTest, LeavesNothingBehind) {
    const MadeCertificate person{"A person", as_person, &authority().issuer};
    server_.sign_as(person, authority().issuer);
    server_.share_secret("kyso-1", "another one");
    for (const auto protection : both) {
        auto with = settings(protection);
        if (auto* signature = std::get_if<CmpSignature>(&with.protection)) {
            signature->intermediates.clear();
        }
        testing::internal::CaptureStderr();

        EXPECT_FALSE(request(std::move(with)));

        EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
        EXPECT_EQ(ERR_peek_error(), 0u);
    }
}

TEST_F(CmpClientTest, OthersErrorsAreNotItsOwn) {
    const auto leave_error = [] { ERR_raise(ERR_LIB_CMP, CMP_R_RECEIVED_ERROR); };
    server_.polls = 2;
    meanwhile_ = leave_error;
    server_.on_the_way = [&](const Bytes& answer) -> Result<Bytes> {
        leave_error();
        return server_.requests.size() == 4 ? Bytes{1} : answer;
    };
    testing::internal::CaptureStderr();

    expect_unavailable(request(settings(Protection::secret)), "does not speak CMP");

    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    OSSL_CMP_CTX_set_option(server_.context(), OSSL_CMP_OPT_UNPROTECTED_SEND, 1);
    expect_unavailable(request(settings(Protection::secret)), "is not protected");
}

TEST_F(CmpClientTest, LetsThroughWhatThePortAndTheCheckThrow) {
    auto made = client(settings(Protection::secret));
    const auto check = [](const Issued&) -> Result<void> { throw std::runtime_error("check"); };
    EXPECT_THROW((void)made.request({request_}, check), std::runtime_error);
    EXPECT_THAT(server_.confirmations, ElementsAre(HasSubstr("rejection")));

    server_.on_the_way = [](const Bytes&) -> Result<Bytes> { throw std::runtime_error("port"); };
    EXPECT_THROW((void)request(settings(Protection::secret)), std::runtime_error);
}

}  // namespace
}  // namespace cloudsign::external_ca
