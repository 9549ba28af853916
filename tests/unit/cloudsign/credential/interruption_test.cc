#include "tests/support/cloud_fixture.h"

// Bindings and issuances that a crash, or a lost answer, cuts off between two steps.
namespace cloudsign::credential {
namespace {

using store::CredentialStatus;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;
using transaction::State;

class InterruptionTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        cloud_.add_signer("an");
        auto enrolled =
            cloud_->credentials.enrol(cloud_.invite("an"), {passkey_.point(), false}, "phone");
        CHECK(enrolled.has_value());
        device_ = enrolled->device;
        binding_ = enrolled->transaction.id;
        credential_ = enrolled->transaction.credential_id;
    }

    CredentialStatus status() { return cloud_.stored_credential(credential_).status; }
    Result<store::Transaction> person_approves() {
        return cloud_.approve(passkey_, device_, binding_);
    }
    Result<store::Transaction> officer_approves(const std::string& id) {
        return cloud_.approve(cloud_.officer_passkey(), cloud_.officer(), id);
    }
    // The one that waits for the officer.
    std::string waiting() {
        const auto items = cloud_->approvals.pending(cloud_.officer());
        CHECK(items.has_value() && items->size() == 1);
        return items->front().transaction.id;
    }
    void bind() {
        CHECK(person_approves().has_value());
        CHECK(officer_approves(binding_).has_value());
    }

    Cloud cloud_;
    Passkey passkey_;
    store::Device device_;
    std::string binding_;
    std::string credential_;
};

TEST_F(InterruptionTest, CompletesABindingWhenTheModuleIsThereAgain) {
    ASSERT_TRUE(person_approves().has_value());
    const auto assertion = cloud_.assertion(cloud_.officer_passkey(), cloud_.stored(binding_));
    ASSERT_TRUE(cloud_->approvals.group().has_value());
    cloud_.modules.down = {0};
    EXPECT_EQ(kind_of(cloud_->approvals.approve(cloud_.officer(), binding_, assertion)),
              ErrorKind::unavailable);
    EXPECT_EQ(cloud_.stored(binding_).state, State::approved);

    cloud_.restart_server();
    EXPECT_EQ(kind_of(cloud_.resume()), ErrorKind::unavailable);
    cloud_.modules.down.clear();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(status(), CredentialStatus::bound);
    EXPECT_EQ(cloud_.stored(binding_).state, State::signed_);
    ASSERT_TRUE(officer_approves(waiting()).has_value());
    EXPECT_EQ(status(), CredentialStatus::enabled);
}

TEST_F(InterruptionTest, AsksAgainWhenTheModuleForgotTheBindingsApproval) {
    ASSERT_TRUE(person_approves().has_value());
    const auto assertion = cloud_.assertion(cloud_.officer_passkey(), cloud_.stored(binding_));
    ASSERT_TRUE(cloud_->approvals.group().has_value());
    cloud_.modules.down = {0};
    ASSERT_FALSE(cloud_->approvals.approve(cloud_.officer(), binding_, assertion).has_value());

    cloud_.modules.down.clear();
    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored(binding_).state, State::notified);
    EXPECT_EQ(cloud_.stored(binding_).reason, "asked again");
    EXPECT_EQ(status(), CredentialStatus::binding);
    bind();
    EXPECT_EQ(status(), CredentialStatus::bound);
}

TEST_F(InterruptionTest, AsksAgainWhenTheBindingsAnswerWasLost) {
    ASSERT_TRUE(person_approves().has_value());
    cloud_.modules.answers_lost = 1;
    EXPECT_EQ(kind_of(officer_approves(binding_)), ErrorKind::unavailable);

    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored(binding_).state, State::notified);
    bind();
    EXPECT_EQ(status(), CredentialStatus::bound);
    ASSERT_TRUE(officer_approves(waiting()).has_value());
    EXPECT_EQ(status(), CredentialStatus::enabled);
}

TEST_F(InterruptionTest, CompletesAnIssuanceWhoseAnswerWasLost) {
    bind();
    const auto issuance = waiting();
    cloud_.modules.gone_after_sign = true;
    EXPECT_EQ(kind_of(officer_approves(issuance)), ErrorKind::unavailable);

    cloud_.modules.down.clear();
    cloud_.restart_server();
    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(status(), CredentialStatus::enabled);
    EXPECT_EQ(cloud_.stored(issuance).state, State::signed_);
}

TEST_F(InterruptionTest, AsksForACertificateAgainWhenTheModuleForgotTheApproval) {
    bind();
    const auto issuance = waiting();
    ASSERT_TRUE(cloud_->approvals.group().has_value());
    const auto assertion = cloud_.assertion(cloud_.officer_passkey(), cloud_.stored(issuance));
    cloud_.modules.down = {0};
    ASSERT_FALSE(cloud_->approvals.approve(cloud_.officer(), issuance, assertion).has_value());

    cloud_.modules.down.clear();
    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored(issuance).state, State::notified);
    ASSERT_TRUE(officer_approves(issuance).has_value());
    EXPECT_EQ(status(), CredentialStatus::enabled);
}

TEST_F(InterruptionTest, FinishesNothingTwice) {
    bind();
    ASSERT_TRUE(officer_approves(waiting()).has_value());
    const auto certificate = cloud_.stored_credential(credential_).certificate;

    ASSERT_TRUE(cloud_.resume().has_value());
    cloud_.restart_server();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored_credential(credential_).certificate, certificate);
    EXPECT_TRUE(cloud_->approvals.pending(cloud_.officer())->empty());
}

TEST_F(InterruptionTest, OneThatCannotBeCompletedDoesNotStopTheOthers) {
    // The first one's certificate cannot be assembled: its payload is gone.
    bind();
    const auto issuance = waiting();
    ASSERT_TRUE(cloud_->approvals.group().has_value());
    const auto assertion = cloud_.assertion(cloud_.officer_passkey(), cloud_.stored(issuance));
    cloud_.modules.down = {0};
    ASSERT_FALSE(cloud_->approvals.approve(cloud_.officer(), issuance, assertion).has_value());
    auto broken = cloud_.stored(issuance);
    broken.payload = "{}";
    cloud_.store(broken);
    cloud_.modules.down.clear();

    cloud_.add_signer("binh");
    const Passkey passkey;
    const auto enrolled =
        cloud_->credentials.enrol(cloud_.invite("binh"), {passkey.point(), false}, "phone");
    ASSERT_TRUE(enrolled.has_value());
    ASSERT_TRUE(cloud_.approve(passkey, enrolled->device, enrolled->transaction.id).has_value());
    const auto second =
        cloud_.assertion(cloud_.officer_passkey(), cloud_.stored(enrolled->transaction.id));
    cloud_.modules.down = {0};
    ASSERT_FALSE(
        cloud_->approvals.approve(cloud_.officer(), enrolled->transaction.id, second).has_value());
    cloud_.modules.down.clear();

    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored_credential(enrolled->transaction.credential_id).status,
              CredentialStatus::bound);
}

}  // namespace
}  // namespace cloudsign::credential
