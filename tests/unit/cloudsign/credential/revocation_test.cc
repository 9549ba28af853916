#include "cloudsign/store/credential_table.h"
#include "tests/support/cloud_fixture.h"

// Officers end a key in the modules: a phone is lost, or somebody may not sign any more.
namespace cloudsign::credential {
namespace {

using pki::RevocationReason;
using store::CredentialStatus;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Person;
using transaction::State;

class RevocationTest : public testing::Test {
protected:
    RevocationTest() : cloud_(2) { cloud_.make_authority(); }

    std::string revoke(const Person& person) {
        const auto asked =
            cloud_->credentials.revoke(person.credential.id, RevocationReason::key_compromise);
        CHECK(asked.has_value() && asked->has_value());
        return (*asked)->id;
    }
    // Of the blob, which a hostile server may have kept.
    hsm::Status module_status(const Person& person, std::size_t first) {
        cloud_.modules.first = first;
        OpenCall call;
        call.blob = *person.credential.blob;
        call.algorithm = tests::support::es256;
        call.leaf_count = 1;
        call.lifetime_ms = 1000;
        const auto opened = cloud_.modules.open_activation(call);
        return opened ? hsm::Status::ok : opened.error();
    }

    Cloud cloud_;
};

TEST_F(RevocationTest, EndsTheKeyInEveryModuleOnceTheOfficerApproves) {
    const auto person = cloud_.enrol("an");
    const auto other = cloud_.enrol("binh");

    const auto asked = revoke(person);

    EXPECT_EQ(cloud_.stored_credential(person.credential.id).status, CredentialStatus::deleted);
    EXPECT_EQ(module_status(person, 0), hsm::Status::ok);  // until they have
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(cloud_.stored(asked).state, State::signed_);
    EXPECT_FALSE(cloud_.stored_credential(person.credential.id).blob.has_value());
    for (const std::size_t module : {0, 1}) {
        EXPECT_EQ(module_status(person, module), hsm::Status::blob_revoked);
        EXPECT_EQ(module_status(other, module), hsm::Status::ok);
    }
    EXPECT_EQ(
        kind_of(cloud_->credentials.revoke(person.credential.id, RevocationReason::key_compromise)),
        ErrorKind::conflict);
}

TEST_F(RevocationTest, AsksAgainWhileNobodyHasApproved) {
    const auto person = cloud_.enrol("an");
    const auto first = revoke(person);
    cloud_.advance(tests::support::answer_ms);
    ASSERT_TRUE(cloud_->transactions.sweep().has_value());
    ASSERT_EQ(cloud_.stored(first).state, State::expired);

    const auto second = revoke(person);

    ASSERT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(cloud_.stored(second).state, State::signed_);
    EXPECT_EQ(module_status(person, 0), hsm::Status::blob_revoked);
}

// A second question would outlive the first one's answer, about a key that is gone.
TEST_F(RevocationTest, AsksOnceAtATime) {
    const auto person = cloud_.enrol("an");

    const auto asked = revoke(person);

    EXPECT_EQ(revoke(person), asked);
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);
    const auto pending = cloud_->approvals.pending(cloud_.officer());
    ASSERT_TRUE(pending.has_value()) << pending.error().detail;
    EXPECT_TRUE(pending->empty());
}

// Not a conflict because the key, about which it was, is gone.
TEST_F(RevocationTest, StaysToBeSeenByTheOfficerWhoseApprovalEndedTheKey) {
    const auto person = cloud_.enrol("an");
    const auto asked = revoke(person);
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    const auto shown = cloud_->approvals.item(cloud_.officer(), asked);

    ASSERT_TRUE(shown.has_value()) << shown.error().detail;
    EXPECT_EQ(shown->transaction.state, State::signed_);
    EXPECT_TRUE(shown->thumbprints.empty());
}

TEST_F(RevocationTest, LeavesTheOfficersTheirInboxWhenACredentialIsDeleted) {
    cloud_.add_signer("an");
    const tests::support::Passkey passkey;
    const auto enrolled =
        cloud_->credentials.enrol(cloud_.invite("an"), {passkey.point(), false}, "phone");
    ASSERT_TRUE(enrolled.has_value());
    ASSERT_TRUE(cloud_->credentials.remove(enrolled->transaction.credential_id).has_value());

    const auto pending = cloud_->approvals.pending(cloud_.officer());

    ASSERT_TRUE(pending.has_value()) << pending.error().detail;
    EXPECT_TRUE(pending->empty());
    EXPECT_EQ(cloud_.stored(enrolled->transaction.id).state, State::rejected);
}

// The database alone, as after a crash between the two.
TEST_F(RevocationTest, LeavesTheOfficersTheirInboxWhenAKeyIsGone) {
    const auto person = cloud_.enrol("an");
    const auto other = cloud_.enrol("binh");
    revoke(person);
    const auto later = revoke(other);
    auto row = cloud_.stored_credential(person.credential.id);
    row.blob.reset();
    ASSERT_TRUE(cloud_.database
                    ->write([&](store::Session& session) {
                        return store::CredentialTable(session).update(row, row.status);
                    })
                    .has_value());

    const auto pending = cloud_->approvals.pending(cloud_.officer());

    ASSERT_TRUE(pending.has_value()) << pending.error().detail;
    ASSERT_EQ(pending->size(), 1u);
    EXPECT_EQ(pending->front().transaction.id, later);
}

// Who leaves is still asked about by name, and their key still dies.
TEST_F(RevocationTest, OutlivesTheSigner) {
    const auto person = cloud_.enrol("an");
    const auto asked = revoke(person);
    ASSERT_TRUE(cloud_->signers.remove("an").has_value());

    const auto pending = cloud_->approvals.pending(cloud_.officer());

    ASSERT_TRUE(pending.has_value());
    ASSERT_EQ(pending->size(), 1u);
    EXPECT_EQ(pending->front().subject, "CN=Nguyễn Văn A,UID=an,C=VN");
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(cloud_.stored(asked).state, State::signed_);
    EXPECT_EQ(module_status(person, 0), hsm::Status::blob_revoked);
}

// One module that cannot be reached is told when it can: nobody approves twice.
TEST_F(RevocationTest, TellsTheOtherModuleLater) {
    const auto person = cloud_.enrol("an");
    const auto asked = revoke(person);
    const auto waiting = cloud_.stored(asked);
    const auto assertion = cloud_.assertion(cloud_.officer_passkey(), waiting);
    const std::size_t other = cloud_.modules.members()[0].module_id == waiting.module_id ? 1 : 0;
    cloud_.modules.down = {other};
    EXPECT_EQ(kind_of(cloud_->approvals.approve(cloud_.officer(), asked, assertion)),
              ErrorKind::unavailable);
    EXPECT_EQ(cloud_.stored(asked).state, State::approved);
    cloud_->approvals.retry();
    EXPECT_EQ(cloud_.stored(asked).state, State::approved);

    cloud_.modules.down.clear();
    cloud_->approvals.retry();

    EXPECT_EQ(cloud_.stored(asked).state, State::signed_);
    EXPECT_EQ(module_status(person, other), hsm::Status::blob_revoked);
}

TEST_F(RevocationTest, AsksNobodyAboutAKeyThatWasNeverBound) {
    cloud_.add_signer("an");
    const auto invited =
        cloud_->credentials.invite("an", hsm::protocol::KeyType::p256, "")->credential;

    const auto asked = cloud_->credentials.revoke(invited.id, RevocationReason::unspecified);

    ASSERT_TRUE(asked.has_value());
    EXPECT_FALSE(asked->has_value());
    EXPECT_EQ(cloud_.stored_credential(invited.id).status, CredentialStatus::deleted);
}

}  // namespace
}  // namespace cloudsign::credential
