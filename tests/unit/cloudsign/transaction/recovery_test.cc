#include "tests/support/cloud_fixture.h"

// What restarts of server and modules leave behind, outcome by outcome.
namespace cloudsign::transaction {
namespace {

using tests::support::Cloud;
using tests::support::count_signatures;
using tests::support::kind_of;

std::vector<Bytes> hashes_of(const store::Transaction& transaction) {
    std::vector<Bytes> hashes;
    for (const auto& document : transaction.documents) {
        hashes.push_back(document.hash);
    }
    return hashes;
}

class RecoveryTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        signatures_before_ = count_signatures(cloud_.group.target());
    }

    store::Transaction opened(std::size_t count = 1) {
        const auto opened = cloud_->transactions.open(cloud_.request_for(person_, count));
        CHECK(opened.has_value());
        return *opened;
    }
    store::Transaction approved(std::size_t count = 1) {
        const auto approved = cloud_.approve(person_, opened(count).id);
        CHECK(approved.has_value());
        return *approved;
    }
    Result<std::vector<SignedOccurrence>> sign(const store::Transaction& transaction) {
        return cloud_->transactions.sign(cloud_.stored(transaction.id), hashes_of(transaction));
    }
    std::size_t signatures() {
        return count_signatures(cloud_.group.target()) - signatures_before_;
    }

    Cloud cloud_;
    tests::support::Person person_;
    std::size_t signatures_before_ = 0;
};

TEST_F(RecoveryTest, KeepsEverythingWhenOnlyTheServerRestarts) {
    const auto waiting = opened();
    const auto agreed = approved();

    cloud_.restart_server();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored(waiting.id).challenge, waiting.challenge);
    ASSERT_TRUE(cloud_.approve(person_, waiting.id).has_value());
    EXPECT_TRUE(sign(waiting).has_value());
    EXPECT_TRUE(sign(agreed).has_value());
    EXPECT_EQ(signatures(), 2u);
}

TEST_F(RecoveryTest, OpensWaitingOnesSilentlyWithANewChallengeWhenTheModuleRestarts) {
    const auto waiting = opened();
    const auto stale = cloud_.assertion(person_.passkey, waiting);

    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());

    const auto again = cloud_.stored(waiting.id);
    EXPECT_EQ(again.state, State::notified);
    EXPECT_EQ(again.reason, "");
    EXPECT_NE(again.challenge, waiting.challenge);
    EXPECT_EQ(kind_of(cloud_->approvals.approve(person_.device, waiting.id, stale)),
              ErrorKind::assertion_refused);
    ASSERT_TRUE(cloud_.approve(person_, waiting.id).has_value());
    EXPECT_TRUE(sign(waiting).has_value());
}

TEST_F(RecoveryTest, AsksAgainWhenTheModuleLostAnApprovalThatWasNotUsed) {
    const auto agreed = approved(2);

    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());

    const auto again = cloud_.stored(agreed.id);
    EXPECT_EQ(again.state, State::notified);
    EXPECT_EQ(again.reason, "asked again");
    EXPECT_FALSE(again.approved_at.has_value());
    EXPECT_TRUE(cloud_->transactions.assertions(agreed.id)->empty());
    const auto refused = sign(agreed);
    EXPECT_EQ(kind_of(refused), ErrorKind::conflict);
    EXPECT_EQ(refused.error().detail, "asked again");
    ASSERT_TRUE(cloud_.approve(person_, agreed.id).has_value());
    EXPECT_TRUE(sign(agreed).has_value());
    EXPECT_EQ(signatures(), 2u);
}

TEST_F(RecoveryTest, AsksAgainWhenThePortalIsFasterThanResume) {
    const auto agreed = approved();
    cloud_.restart_module();

    const auto refused = sign(agreed);

    EXPECT_EQ(kind_of(refused), ErrorKind::conflict);
    EXPECT_EQ(refused.error().detail, "asked again");
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::notified);
    EXPECT_EQ(signatures(), 0u);
}

TEST_F(RecoveryTest, AnswersTheIdenticalSignatureWhenTheModulesAnswerWasLost) {
    const auto agreed = approved();
    cloud_.modules.answers_lost = 1;

    const auto made = sign(agreed);  // the server asks for the result at once

    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(sign(agreed)->front().signature, made->front().signature);
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(RecoveryTest, KeepsASignatureThatWasMadeBeforeTheModuleRestarted) {
    const auto agreed = approved();
    cloud_.modules.gone_after_sign = true;
    EXPECT_EQ(kind_of(sign(agreed)), ErrorKind::unavailable);
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::approved);

    cloud_.modules.down.clear();
    cloud_.restart_module();
    const auto made = sign(agreed);  // before resume() has looked

    ASSERT_TRUE(made.has_value()) << made.error().detail;
    EXPECT_EQ(signatures(), 1u);
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::signed_);
}

TEST_F(RecoveryTest, FetchesWhatTheModuleHoldsWhenItResumes) {
    const auto agreed = approved(3);
    cloud_.modules.gone_after_sign = true;
    EXPECT_EQ(kind_of(sign(agreed)), ErrorKind::unavailable);
    EXPECT_EQ(signatures(), 3u);

    cloud_.restart_server();
    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());  // the module does not answer yet
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::approved);
    cloud_.modules.down.clear();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(cloud_.stored(agreed.id).state, State::signed_);
    EXPECT_EQ(cloud_->transactions.signed_occurrences(agreed.id)->size(), 3u);
    EXPECT_TRUE(sign(agreed).has_value());
    EXPECT_EQ(signatures(), 3u);
}

TEST_F(RecoveryTest, KeepsWhatIsSignedAndAsksAgainForTheRest) {
    const auto agreed = approved(3);
    const auto hashes = hashes_of(agreed);
    const auto before = cloud_->transactions.sign(agreed, {hashes[1]});
    ASSERT_TRUE(before.has_value());

    cloud_.restart_module();
    ASSERT_TRUE(cloud_.resume().has_value());
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::notified);
    ASSERT_TRUE(cloud_.approve(person_, agreed.id).has_value());
    const auto all = sign(agreed);

    ASSERT_TRUE(all.has_value());
    EXPECT_EQ((*all)[1].signature, before->front().signature);
    EXPECT_EQ(signatures(), 3u);
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::signed_);
}

TEST_F(RecoveryTest, SettlesTheRestOfABatchOfWhichSomeAnswersWereLost) {
    const auto agreed = approved(4);
    cloud_.modules.answers_lost = 2;

    ASSERT_TRUE(sign(agreed).has_value());

    EXPECT_EQ(signatures(), 4u);
    EXPECT_EQ(cloud_.stored(agreed.id).state, State::signed_);
}

TEST_F(RecoveryTest, NeedsNoAcknowledgementToArrive) {
    cloud_.modules.acknowledgements_lost = true;
    const auto agreed = approved();
    const auto made = sign(agreed);
    ASSERT_TRUE(made.has_value());

    cloud_.restart_module();
    cloud_.restart_server();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(sign(agreed)->front().signature, made->front().signature);
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(RecoveryTest, LeavesAnApprovalThatCameWhileItWasOpenedAnew) {
    const auto waiting = opened();
    ASSERT_TRUE(cloud_.approve(person_, waiting.id).has_value());

    // As read before the approval.
    EXPECT_EQ(kind_of(cloud_->transactions.ask_again(waiting, "")), ErrorKind::conflict);

    EXPECT_EQ(cloud_.stored(waiting.id).state, State::approved);
    EXPECT_EQ(cloud_->transactions.assertions(waiting.id)->size(), 1u);
    EXPECT_TRUE(sign(waiting).has_value());
}

TEST_F(RecoveryTest, ResumesMoreThanOnePage) {
    std::vector<std::string> ids;
    for (int i = 0; i < 210; ++i) {
        ids.push_back(opened().id);
    }
    const auto last_challenge = cloud_.stored(ids.back()).challenge;
    cloud_.restart_module();

    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_NE(cloud_.stored(ids.back()).challenge, last_challenge);
    EXPECT_TRUE(cloud_.approve(person_, ids.front()).has_value());
}

class GroupRecoveryTest : public testing::Test {
protected:
    Cloud cloud_{2};
};

TEST_F(GroupRecoveryTest, StaysWithTheModuleThatOpenedItAndMovesOnlyByAskingAgain) {
    cloud_.make_authority();
    const auto person = cloud_.enrol("an");
    cloud_.modules.first = 0;
    const auto opened = cloud_->transactions.open(cloud_.request_for(person));
    ASSERT_TRUE(opened.has_value());
    ASSERT_TRUE(cloud_.approve(person, opened->id).has_value());

    cloud_.modules.down = {0};
    EXPECT_EQ(kind_of(cloud_->transactions.sign_all(*cloud_->transactions.find(opened->id))),
              ErrorKind::unavailable);
    ASSERT_TRUE(cloud_.resume().has_value());
    EXPECT_EQ(cloud_.stored(opened->id).state, State::approved);
    const auto other = cloud_->transactions.open(cloud_.request_for(person));
    ASSERT_TRUE(other.has_value());
    EXPECT_NE(other->module_id, opened->module_id);

    cloud_.modules.down.clear();
    EXPECT_TRUE(cloud_->transactions.sign_all(*cloud_->transactions.find(opened->id)).has_value());
}

}  // namespace
}  // namespace cloudsign::transaction
