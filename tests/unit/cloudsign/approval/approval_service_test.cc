#include "cloudsign/approval/approval_service.h"

#include <barrier>
#include <thread>

#include "tests/support/cloud_fixture.h"

namespace cloudsign::approval {
namespace {

using Refusal = transaction::TransactionService::Refusal;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;
using tests::support::Person;
using transaction::State;

class ApprovalServiceTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        other_ = cloud_.enrol("binh");
    }

    store::Transaction open(std::size_t count = 1) {
        auto opened = cloud_->transactions.open(cloud_.request_for(person_, count));
        CHECK(opened.has_value());
        return *std::move(opened);
    }
    std::size_t pending(const store::Device& device) {
        const auto items = cloud_->approvals.pending(device);
        CHECK(items.has_value());
        return items->size();
    }

    Cloud cloud_;
    Person person_;
    Person other_;
};

TEST_F(ApprovalServiceTest, ShowsATransactionToItsSignerAlone) {
    const auto transaction = open(2);

    const auto items = cloud_->approvals.pending(person_.device);

    ASSERT_TRUE(items.has_value());
    ASSERT_EQ(items->size(), 1u);
    const auto& item = items->front();
    EXPECT_EQ(item.transaction.id, transaction.id);
    EXPECT_EQ(item.transaction.documents, transaction.documents);
    EXPECT_EQ(item.subject, "CN=Nguyễn Văn A,UID=an,C=VN");
    EXPECT_EQ(item.thumbprints, std::vector{person_.passkey.thumbprint()});
    EXPECT_EQ(item.rp_id, cloud_.group.people.rp_id);
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::notified);
    const auto opened = cloud_->approvals.item(person_.device, transaction.id);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->transaction.state, State::seen);
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::seen);
    EXPECT_EQ(pending(other_.device), 0u);
    EXPECT_EQ(pending(cloud_.officer()), 0u);
    EXPECT_EQ(kind_of(cloud_->approvals.item(other_.device, transaction.id)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.item(cloud_.officer(), transaction.id)),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.item(person_.device, "tx_none")), ErrorKind::not_found);
}

TEST_F(ApprovalServiceTest, LetsNobodyElseAnswer) {
    const auto transaction = open();

    EXPECT_EQ(kind_of(cloud_->approvals.approve(
                  other_.device, transaction.id, cloud_.assertion(other_.passkey, transaction))),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.refuse(other_.device, transaction.id, Refusal::reject)),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.refuse(cloud_.officer(), transaction.id, Refusal::reject)),
              ErrorKind::not_found);
    // The signer's session with another's passkey, and the other way about.
    EXPECT_EQ(kind_of(cloud_->approvals.approve(
                  person_.device, transaction.id, cloud_.assertion(other_.passkey, transaction))),
              ErrorKind::assertion_refused);
    auto strange = person_.device;
    strange.thumbprint = other_.device.thumbprint;
    EXPECT_EQ(kind_of(cloud_->approvals.approve(
                  strange, transaction.id, cloud_.assertion(person_.passkey, transaction))),
              ErrorKind::assertion_refused);
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::notified);
}

TEST_F(ApprovalServiceTest, RefusesAnAssertionOfAnotherTransaction) {
    const auto transaction = open();
    const auto another = open();

    EXPECT_EQ(kind_of(cloud_->approvals.approve(
                  person_.device, transaction.id, cloud_.assertion(person_.passkey, another))),
              ErrorKind::assertion_refused);
}

TEST_F(ApprovalServiceTest, SaysWhatATransactionIsThatWaitsNoMore) {
    const auto transaction = open();
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    const auto again = cloud_.approve(person_, transaction.id);

    EXPECT_EQ(kind_of(again), ErrorKind::conflict);
    EXPECT_EQ(again.error().detail, "the transaction is approved");
    EXPECT_EQ(pending(person_.device), 0u);
}

TEST_F(ApprovalServiceTest, HidesWhatHasExpired) {
    open();
    cloud_.advance(tests::support::answer_ms);
    EXPECT_EQ(pending(person_.device), 0u);
}

class BindingApprovalTest : public ApprovalServiceTest {
protected:
    void SetUp() override {
        ApprovalServiceTest::SetUp();
        cloud_.add_signer("chi");
        auto enrolled = cloud_->credentials.enrol(
            cloud_.invite("chi"), {passkey_.point(), false}, "phone of chi");
        CHECK(enrolled.has_value());
        device_ = enrolled->device;
        binding_ = enrolled->transaction;
    }

    store::CredentialStatus status() {
        return cloud_.stored_credential(binding_.credential_id).status;
    }

    Passkey passkey_;
    store::Device device_;
    store::Transaction binding_;
};

TEST_F(BindingApprovalTest, NeedsPersonAndOfficerInWhateverOrder) {
    ASSERT_TRUE(cloud_.approve(cloud_.officer_passkey(), cloud_.officer(), binding_.id));
    EXPECT_EQ(status(), store::CredentialStatus::binding);
    EXPECT_EQ(pending(cloud_.officer()), 0u);
    EXPECT_EQ(pending(device_), 1u);

    ASSERT_TRUE(cloud_.approve(passkey_, device_, binding_.id).has_value());

    EXPECT_EQ(status(), store::CredentialStatus::bound);
    EXPECT_EQ(cloud_.stored(binding_.id).state, State::signed_);
}

TEST_F(BindingApprovalTest, CountsOnePersonOnce) {
    ASSERT_TRUE(cloud_.approve(passkey_, device_, binding_.id).has_value());
    EXPECT_EQ(kind_of(cloud_.approve(passkey_, device_, binding_.id)), ErrorKind::conflict);
    EXPECT_EQ(status(), store::CredentialStatus::binding);
    EXPECT_EQ(cloud_->transactions.assertions(binding_.id)->size(), 1u);
}

TEST_F(BindingApprovalTest, EndsWhenEitherSaysNo) {
    ASSERT_TRUE(cloud_.approve(passkey_, device_, binding_.id).has_value());

    ASSERT_TRUE(
        cloud_->approvals.refuse(cloud_.officer(), binding_.id, Refusal::reject).has_value());

    EXPECT_EQ(cloud_.stored(binding_.id).state, State::rejected);
    EXPECT_EQ(kind_of(cloud_.approve(cloud_.officer_passkey(), cloud_.officer(), binding_.id)),
              ErrorKind::conflict);
}

TEST_F(BindingApprovalTest, IsCompletedOnceWhenBothApproveAtTheSameMoment) {
    std::barrier start(2);
    std::optional<Result<store::Transaction>> person;
    std::optional<Result<store::Transaction>> officer;
    const auto of_person = cloud_.assertion(passkey_, binding_);
    const auto of_officer = cloud_.assertion(cloud_.officer_passkey(), binding_);
    std::thread first([&] {
        start.arrive_and_wait();
        person = cloud_->approvals.approve(device_, binding_.id, of_person);
    });
    std::thread second([&] {
        start.arrive_and_wait();
        officer = cloud_->approvals.approve(cloud_.officer(), binding_.id, of_officer);
    });
    first.join();
    second.join();

    EXPECT_TRUE(person->has_value());
    EXPECT_TRUE(officer->has_value());
    EXPECT_EQ(status(), store::CredentialStatus::bound);
    EXPECT_EQ(cloud_.stored(binding_.id).state, State::signed_);
    EXPECT_EQ(pending(cloud_.officer()), 1u);  // the certificate, once
}

TEST_F(BindingApprovalTest, SurvivesThatTheOtherApproverLooksAtItMeanwhile) {
    const auto of_person = cloud_.assertion(passkey_, binding_);
    ASSERT_EQ(pending(cloud_.officer()), 1u);  // seen by the officer

    EXPECT_TRUE(cloud_->approvals.approve(device_, binding_.id, of_person).has_value());
    EXPECT_TRUE(cloud_.approve(cloud_.officer_passkey(), cloud_.officer(), binding_.id));
    EXPECT_EQ(status(), store::CredentialStatus::bound);
}

// ---- begun on a screen

class StartTest : public ApprovalServiceTest {
protected:
    store::Transaction open_on_screen() {
        auto request = cloud_.request_for(person_);
        request.start = transaction::Start::screen;
        auto opened = cloud_->transactions.open(request);
        CHECK(opened.has_value());
        return *std::move(opened);
    }
    store::Transaction open_typed() {
        auto request = cloud_.request_for(person_);
        request.code = "42";
        request.code_use = transaction::CodeUse::typed;
        auto opened = cloud_->transactions.open(request);
        CHECK(opened.has_value());
        return *std::move(opened);
    }
    Result<store::Transaction> approve_typing(const store::Transaction& transaction,
                                              const std::string& code) {
        auto sent = cloud_.assertion(person_.passkey, cloud_.stored(transaction.id));
        sent.code = code;
        return cloud_->approvals.approve(person_.device, transaction.id, sent);
    }
};

TEST_F(StartTest, HidesATransactionUntilThePhoneHasSeenTheScreen) {
    const auto transaction = open_on_screen();
    EXPECT_EQ(pending(person_.device), 0u);
    EXPECT_EQ(kind_of(cloud_->approvals.item(person_.device, transaction.id)),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_.approve(person_, transaction.id)), ErrorKind::not_found);

    const auto token = cloud_->transactions.start_token_of(transaction);
    EXPECT_EQ(kind_of(cloud_->approvals.start(other_.device, token)), ErrorKind::not_found);
    const auto item = cloud_->approvals.start(person_.device, token);

    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(item->transaction.id, transaction.id);
    EXPECT_EQ(item->transaction.state, State::seen);
    EXPECT_EQ(pending(person_.device), 1u);
    EXPECT_TRUE(cloud_.approve(person_, transaction.id).has_value());
}

TEST_F(StartTest, TakesATokenForTenSecondsAndNoOther) {
    const auto transaction = open_on_screen();
    const auto token = cloud_->transactions.start_token_of(transaction);
    cloud_.advance(2'000);
    EXPECT_NE(cloud_->transactions.start_token_of(transaction), token);
    cloud_.advance(8'000);
    EXPECT_TRUE(cloud_->transactions.find_by_start_token(token).has_value());
    cloud_.advance(2'000);

    EXPECT_EQ(kind_of(cloud_->approvals.start(person_.device, token)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.start(person_.device,
                                              cloud_->transactions.handle_of(transaction))),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.start(person_.device, "")), ErrorKind::not_found);
}

TEST_F(StartTest, IsNotNeededOnceThePortalAsksThePhoneItself) {
    auto request = cloud_.request_for(person_);
    request.start = transaction::Start::screen;
    const auto first = cloud_->transactions.open(request);
    request.start = transaction::Start::inbox;
    const auto second = cloud_->transactions.open(request);

    ASSERT_TRUE(first.has_value() && second.has_value());
    EXPECT_EQ(first->id, second->id);
    EXPECT_EQ(pending(person_.device), 1u);
}

TEST_F(StartTest, ApprovesWithTheNumberThatWasTyped) {
    const auto transaction = open_typed();
    EXPECT_TRUE(transaction::is_code_typed(transaction));

    const auto approved = approve_typing(transaction, "42");

    ASSERT_TRUE(approved.has_value()) << approved.error().detail;
    EXPECT_EQ(approved->state, State::approved);
}

TEST_F(StartTest, EndsWithAnotherNumber) {
    for (const char* code : {"24", ""}) {
        const auto transaction = open_typed();

        EXPECT_EQ(kind_of(approve_typing(transaction, code)), ErrorKind::rejected);

        const auto stored = cloud_.stored(transaction.id);
        EXPECT_EQ(stored.state, State::rejected);
        EXPECT_EQ(stored.reason, transaction::wrong_code_reason);
    }
}

}  // namespace
}  // namespace cloudsign::approval
