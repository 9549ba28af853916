#include "cloudsign/external_ca/online_ca.h"

#include <deque>

#include "cloudsign/store/certificate_table.h"
#include "tests/support/cloud_fixture.h"
#include "tests/unit/cloudsign/external_ca/test_ca.h"

namespace cloudsign::external_ca {
namespace {

using store::CertificationState;
using store::ExternalRevocationState;
using tests::support::Cloud;
using tests::support::Person;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = 24 * 60 * minute_ms;

// Answers what the test has laid ready, and keeps what it was asked.
class ScriptedConnector final : public CaConnector {
public:
    Result<CaAnswer> request(const CertificateQuestion& question, const Check& check) override {
        asked.push_back(question.pkcs10);
        renewed.push_back(question.renews);
        transactions.push_back(question.transaction);
        CHECK(!answers.empty());
        auto answer = std::move(answers.front());
        answers.pop_front();
        before_answer();
        if (answer && std::holds_alternative<Issued>(*answer)) {
            TRY(check(std::get<Issued>(*answer)));
        }
        return answer;
    }

    Result<void> revoke(const Bytes& certificate, pki::RevocationReason reason) override {
        revoked.emplace_back(certificate, reason);
        CHECK(!told.empty());
        auto answer = told.front();
        told.pop_front();
        return answer;
    }

    std::function<void()> before_answer = [] {};
    std::deque<Result<CaAnswer>> answers;
    std::deque<Result<void>> told;
    std::vector<Bytes> asked;
    std::vector<Bytes> renewed;
    std::vector<Bytes> transactions;
    std::vector<std::pair<Bytes, pki::RevocationReason>> revoked;
};

class OnlineCaTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
    }

    // The person has approved a request.
    void approve_request() {
        const auto asked = outside_.request({person_.credential.id});
        CHECK(asked.has_value());
        CHECK(cloud_.approve(person_, asked->front().transaction.id).has_value());
    }

    Issued issued(const std::string& subject = "CN=Nguyễn Văn A,UID=an,C=VN") {
        CertificateWish wish;
        wish.spki = tests::support::spki_of(person_.credential);
        wish.subject = subject;
        return {between_.issue(wish), {between_.certificate()}};
    }

    // Everything that is due now is attempted once; how many.
    std::size_t work() {
        const auto due = online_.due(10);
        CHECK(due.has_value());
        for (const auto& task : *due) {
            CHECK(online_.record(online_.attempt(task)).has_value());
        }
        return due->size();
    }

    store::CertificationRequest row() { return outside_.newest(person_.credential.id)->row; }
    store::Credential credential() { return cloud_.stored_credential(person_.credential.id); }

    Cloud cloud_;
    Person person_;
    TestCa root_{"CN=Root,C=VN", cloud_.clock.now_ms()};
    TestCa between_{"CN=Between,C=VN", cloud_.clock.now_ms(), &root_};
    ExternalCa outside_{*cloud_.database,
                        cloud_.clock,
                        cloud_->transactions,
                        cloud_->approvals,
                        cloud_->credentials,
                        {root_.certificate()}};
    ScriptedConnector authority_;
    OnlineCa online_{*cloud_.database,
                     cloud_.clock,
                     outside_,
                     authority_,
                     {minute_ms, 60 * minute_ms, 30 * day_ms}};
};

TEST_F(OnlineCaTest, AsksOnlyForWhatThePersonHasApproved) {
    ASSERT_TRUE(outside_.request({person_.credential.id}).has_value());
    EXPECT_EQ(work(), 0u);
    EXPECT_EQ(*online_.next_due(), std::nullopt);

    const auto asked = outside_.request({person_.credential.id});
    ASSERT_TRUE(cloud_.approve(person_, asked->front().transaction.id).has_value());
    const auto made = issued();
    authority_.answers.emplace_back(CaAnswer(made));

    EXPECT_NE(*online_.next_due(), std::nullopt);
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(authority_.asked.at(0), outside_.newest(person_.credential.id)->pkcs10);
    EXPECT_EQ(row().state, CertificationState::issued);
    EXPECT_EQ(credential().certificate, made.certificate);
    EXPECT_EQ(authority_.renewed.at(0), Bytes());  // the one it had is of the built-in CA

    approve_request();
    authority_.answers.emplace_back(CaAnswer(issued()));
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(authority_.renewed.at(1), made.certificate);
    EXPECT_EQ(cloud_->credentials.chain(credential())->size(), 3u);
    EXPECT_EQ(work(), 0u);
    EXPECT_EQ(*online_.next_due(), std::nullopt);
}

TEST_F(OnlineCaTest, GoesOnWithItsQuestionWhenTheAuthorityWantsTime) {
    approve_request();
    authority_.answers.emplace_back(CaAnswer(AskLater{5 * minute_ms, {1, 2, 3}}));
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(row().state, CertificationState::open);
    EXPECT_EQ(row().detail, "the authority has not decided yet");
    EXPECT_EQ(work(), 0u);
    EXPECT_EQ(*online_.next_due(), cloud_.clock.now_ms() + 5 * minute_ms);

    cloud_.advance(5 * minute_ms);
    authority_.answers.emplace_back(CaAnswer(issued()));

    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(authority_.transactions, (std::vector<Bytes>{{}, {1, 2, 3}}));
    EXPECT_EQ(row().state, CertificationState::issued);
}

TEST_F(OnlineCaTest, AsksAgainWhereNobodyAnswersAndGivesUpOneDay) {
    approve_request();
    const auto down = [&] {
        authority_.answers.emplace_back(Error{ErrorKind::unavailable, "nobody answers"});
    };
    std::size_t attempts = 0;
    while (row().state == CertificationState::open) {
        down();
        attempts += work();
        ASSERT_LT(attempts, 2000u);
        authority_.answers.clear();
        const auto next = *online_.next_due();
        if (next) {
            cloud_.advance(*next - cloud_.clock.now_ms());
        }
    }
    EXPECT_GT(attempts, 24u * 30u);
    EXPECT_EQ(row().detail, "given up: nobody answers");
    EXPECT_EQ(row().attempts, static_cast<std::int64_t>(attempts));
    EXPECT_EQ(work(), 0u);

    // Asked for anew.
    approve_request();
    authority_.answers.emplace_back(CaAnswer(issued()));
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(row().state, CertificationState::issued);
}

TEST_F(OnlineCaTest, KeepsWhatTheAuthorityRefusesAndWhatIsNotWhatWasAskedFor) {
    const auto before = credential().certificate;
    approve_request();
    authority_.answers.emplace_back(CaAnswer(Refused{"unknown person"}));
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(row().state, CertificationState::refused);
    EXPECT_EQ(row().detail, "unknown person");

    approve_request();
    authority_.answers.emplace_back(CaAnswer(issued("CN=Somebody else")));
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(row().state, CertificationState::refused);
    EXPECT_NE(row().detail.find("the certificate is for CN=Somebody else"), std::string::npos);
    EXPECT_EQ(credential().certificate, before);
}

TEST_F(OnlineCaTest, AsksNothingForAKeyThatHasEndedMeanwhile) {
    approve_request();
    ASSERT_TRUE(cloud_->credentials.remove(person_.credential.id).has_value());

    EXPECT_EQ(work(), 1u);

    EXPECT_TRUE(authority_.asked.empty());
    EXPECT_EQ(work(), 0u);
}

TEST_F(OnlineCaTest, KeepsAsRevokedWhatComesForAKeyThatHasEndedMeanwhile) {
    approve_request();
    const auto made = issued();
    authority_.answers.emplace_back(CaAnswer(made));
    authority_.before_answer = [this] {
        ASSERT_TRUE(
            cloud_->credentials.revoke(person_.credential.id, pki::RevocationReason::key_compromise)
                .has_value());
    };
    EXPECT_EQ(work(), 1u);

    const auto untold = outside_.untold();
    ASSERT_EQ(untold->size(), 1u);
    EXPECT_EQ(untold->front().certificate, made.certificate);
    EXPECT_EQ(untold->front().reason,
              static_cast<std::int64_t>(pki::RevocationReason::key_compromise));
}

TEST_F(OnlineCaTest, SaysWhenTheAuthoritySendsWhatIsInUse) {
    approve_request();
    const auto made = issued();
    authority_.answers.emplace_back(CaAnswer(made));
    EXPECT_EQ(work(), 1u);
    approve_request();
    authority_.answers.emplace_back(CaAnswer(made));

    EXPECT_EQ(work(), 1u);

    EXPECT_EQ(row().state, CertificationState::refused);
    EXPECT_EQ(row().detail, "the authority has sent the certificate that is in use already");
}

TEST_F(OnlineCaTest, CountsNoAttemptThatTheStopCutShort) {
    approve_request();
    authority_.answers.emplace_back(Error{ErrorKind::unavailable, "stopping"});
    const auto due = online_.due(10);
    auto attempt = online_.attempt(due->at(0));
    attempt.cut_short = true;

    ASSERT_TRUE(online_.record(attempt).has_value());

    EXPECT_EQ(row().attempts, 0);
    EXPECT_EQ(online_.due(10)->size(), 1u);
}

TEST_F(OnlineCaTest, TellsTheAuthorityWhatIsRevokedForGoodAndOfItsOwnAlone) {
    approve_request();
    const auto made = issued();
    authority_.answers.emplace_back(CaAnswer(made));
    ASSERT_EQ(work(), 1u);
    ASSERT_TRUE(cloud_->credentials.suspend(person_.credential.id).has_value());
    EXPECT_EQ(work(), 0u);  // a hold
    ASSERT_TRUE(
        cloud_->credentials.revoke(person_.credential.id, pki::RevocationReason::key_compromise)
            .has_value());
    ASSERT_EQ(outside_.untold()->size(), 1u);

    authority_.told.emplace_back(Error{ErrorKind::unavailable, "nobody answers"});
    EXPECT_EQ(work(), 1u);
    EXPECT_EQ(outside_.untold()->at(0).detail, "nobody answers");
    EXPECT_EQ(work(), 0u);
    cloud_.advance(minute_ms);
    authority_.told.emplace_back(Result<void>());

    EXPECT_EQ(work(), 1u);
    ASSERT_EQ(authority_.revoked.size(), 2u);
    EXPECT_EQ(authority_.revoked[1].first, made.certificate);
    EXPECT_EQ(authority_.revoked[1].second, pki::RevocationReason::key_compromise);
    EXPECT_TRUE(outside_.untold()->empty());
    EXPECT_EQ(*online_.next_due(), std::nullopt);
}

TEST_F(OnlineCaTest, LeavesToPeopleWhatTheAuthorityDoesNotRevoke) {
    approve_request();
    authority_.answers.emplace_back(CaAnswer(issued()));
    ASSERT_EQ(work(), 1u);
    ASSERT_TRUE(cloud_->credentials.remove(person_.credential.id).has_value());
    authority_.told.emplace_back(Error{ErrorKind::conflict, "not yours"});
    EXPECT_EQ(work(), 1u);
    ASSERT_EQ(outside_.untold()->size(), 1u);
    const auto untold = outside_.untold()->at(0);
    EXPECT_EQ(untold.state, ExternalRevocationState::refused);
    EXPECT_EQ(untold.detail, "not yours");
    EXPECT_EQ(work(), 0u);

    ASSERT_TRUE(outside_.note_told(untold.serial_number).has_value());

    EXPECT_TRUE(outside_.untold()->empty());
    EXPECT_EQ(tests::support::kind_of(outside_.note_told(untold.serial_number)),
              ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::external_ca
