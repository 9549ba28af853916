#include "cloudsign/transaction/async_requests.h"

#include "cloudsign/store/async_request_table.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::transaction {
namespace {

using tests::support::Cloud;
using tests::support::count_signatures;
using tests::support::es256;
using tests::support::kind_of;
using tests::support::spki_of;
using tests::support::verifies;

constexpr std::int64_t keep_ms = 3'600'000;

class AsyncRequestsTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        begin();
        signatures_before_ = count_signatures(cloud_.group.target());
    }

    // As the server composes it: what becomes ready runs at once.
    void begin() {
        requests_.emplace(*cloud_.database, cloud_->transactions, cloud_.clock);
        requests_->on_ready([this](const std::string& id) { requests_->run(id); });
        requests_->on_finish(
            [this](store::Session&, const store::AsyncRequest& request, std::string_view outcome) {
                told_.push_back(request.id);
                outcomes_.emplace_back(outcome);
                return Result<void>();
            });
        cloud_->transactions.on_change(
            [this](const store::Transaction& one) { requests_->changed(one.id); });
        ASSERT_TRUE(requests_->load().has_value());
    }

    void restart_server() {
        requests_.reset();
        cloud_.restart_server();
        begin();
    }

    store::Transaction open(std::size_t count) {
        auto opened = cloud_->transactions.open(cloud_.request_for(person_, count));
        CHECK(opened.has_value());
        return *opened;
    }

    std::string add(const store::Transaction& transaction,
                    const std::vector<std::size_t>& wanted,
                    std::int64_t keep = keep_ms) {
        AsyncWish wish;
        for (const auto index : wanted) {
            wish.hashes.push_back(transaction.documents[index].hash);
        }
        wish.keep_ms = keep;
        const auto id = requests_->add(transaction, wish);
        CHECK(id.has_value());
        return *id;
    }

    std::optional<std::vector<SignedOccurrence>> made(const std::string& id) {
        const auto progress = requests_->find(id);
        CHECK(progress.has_value());
        return progress->made;
    }

    std::size_t signatures() {
        return count_signatures(cloud_.group.target()) - signatures_before_;
    }

    Cloud cloud_;
    tests::support::Person person_;
    std::optional<AsyncRequests> requests_;
    std::vector<std::string> told_;
    std::vector<std::string> outcomes_;
    std::size_t signatures_before_ = 0;
};

TEST_F(AsyncRequestsTest, SignsByItselfWhenThePhoneApproves) {
    const auto transaction = open(3);
    const auto id = add(transaction, {2, 0});
    EXPECT_FALSE(made(id).has_value());
    EXPECT_TRUE(told_.empty());

    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    const auto signatures_made = made(id);
    ASSERT_TRUE(signatures_made.has_value());
    ASSERT_EQ(signatures_made->size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(verifies(spki_of(person_.credential),
                             es256,
                             transaction.documents[i == 0 ? 2 : 0].hash,
                             (*signatures_made)[i].signature));
    }
    EXPECT_EQ(told_, std::vector{id});
    EXPECT_EQ(outcomes_, std::vector<std::string>{"signed"});
    EXPECT_EQ(signatures(), 2u);
}

TEST_F(AsyncRequestsTest, SignsAtOnceWhatIsApprovedAlready) {
    const auto transaction = open(1);
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    const auto id = add(transaction, {0});

    EXPECT_TRUE(made(id).has_value());
    EXPECT_EQ(told_, std::vector{id});
}

TEST_F(AsyncRequestsTest, NoTwoRequestsAreAboutOneOccurrence) {
    const auto transaction = open(2);
    const auto id = add(transaction, {0});
    EXPECT_EQ(add(transaction, {0}), id);  // the same, asked again
    AsyncWish wish;
    wish.hashes = {transaction.documents[1].hash, transaction.documents[0].hash};
    wish.keep_ms = keep_ms;

    EXPECT_EQ(kind_of(requests_->add(transaction, wish)), ErrorKind::conflict);
    wish.hashes = {Bytes(32, 7)};
    EXPECT_EQ(kind_of(requests_->add(transaction, wish)), ErrorKind::hash_not_authorised);

    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    EXPECT_EQ(signatures(), 1u);
    // What was signed is answered again, and not signed again.
    wish.hashes = {transaction.documents[0].hash};
    const auto again = requests_->add(transaction, wish);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ((*made(*again))[0].signature, (*made(id))[0].signature);
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(AsyncRequestsTest, ARefusalEndsItAndIsTold) {
    const auto transaction = open(1);
    const auto id = add(transaction, {0});

    ASSERT_TRUE(
        cloud_->transactions.refuse(transaction, TransactionService::Refusal::reject).has_value());

    EXPECT_EQ(told_, std::vector{id});
    const auto progress = requests_->find(id);
    ASSERT_TRUE(progress.has_value());
    EXPECT_FALSE(progress->made.has_value());
    EXPECT_EQ(progress->transaction.state, State::rejected);
    EXPECT_EQ(outcomes_, std::vector<std::string>{"rejected"});
    EXPECT_EQ(progress->request.state, store::AsyncState::finished);
    EXPECT_EQ(signatures(), 0u);
}

TEST_F(AsyncRequestsTest, OutlivesARestartOfTheServer) {
    const auto transaction = open(2);
    const auto id = add(transaction, {1});
    restart_server();
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    EXPECT_TRUE(made(id).has_value());
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(AsyncRequestsTest, IsFinishedAfterACrashBetweenApprovalAndSignature) {
    const auto transaction = open(1);
    const auto id = add(transaction, {0});
    requests_->on_ready({});  // nobody starts it: the server died here
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    ASSERT_FALSE(made(id).has_value());

    restart_server();
    ASSERT_TRUE(requests_->run_due().has_value());

    EXPECT_TRUE(made(id).has_value());
    EXPECT_EQ(told_, std::vector{id});
    ASSERT_TRUE(requests_->run_due().has_value());
    EXPECT_EQ(told_.size(), 1u);
}

TEST_F(AsyncRequestsTest, WaitsOnWhenTheModuleLostTheApproval) {
    const auto transaction = open(1);
    const auto id = add(transaction, {0});
    requests_->on_ready({});
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    cloud_.restart_module();
    requests_->on_ready([this](const std::string& ready) { requests_->run(ready); });

    ASSERT_TRUE(requests_->run_due().has_value());
    EXPECT_FALSE(made(id).has_value());
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::notified);
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    EXPECT_TRUE(made(id).has_value());
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(AsyncRequestsTest, WhatIsToldIsToldAgainWhenItsCommitFails) {
    const auto transaction = open(1);
    bool fails = true;
    requests_->on_finish(
        [&](store::Session&, const store::AsyncRequest& request, std::string_view) -> Result<void> {
            if (fails) {
                return Error{ErrorKind::unavailable, "no room", 0};
            }
            told_.push_back(request.id);
            return {};
        });
    const auto id = add(transaction, {0});
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    ASSERT_TRUE(told_.empty());
    fails = false;

    ASSERT_TRUE(requests_->run_due().has_value());

    EXPECT_EQ(told_, std::vector{id});
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(AsyncRequestsTest, IsForgottenWhenItsTimeIsOver) {
    const auto transaction = open(1);
    const auto id = add(transaction, {0}, 1000);
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    ASSERT_TRUE(made(id).has_value());

    cloud_.advance(1000);

    EXPECT_EQ(kind_of(requests_->find(id)), ErrorKind::not_found);
    ASSERT_TRUE(requests_->run_due().has_value());
    const auto stored = cloud_.database->read(
        [&](store::Session& session) { return store::AsyncRequestTable(session).by_id(id); });
    ASSERT_TRUE(stored.has_value());
    EXPECT_FALSE(stored->has_value());
}

class RenewedSadTest : public AsyncRequestsTest {};

TEST_F(RenewedSadTest, ReplacesTheOldOneAndGainsNoTime) {
    const auto opened = open(2);
    const auto approved = cloud_.approve(person_, opened.id);
    ASSERT_TRUE(approved.has_value());
    const auto old = cloud_->transactions.sad_of(*approved);
    const auto left = cloud_->transactions.seconds_left(*approved);
    cloud_.advance(60'000);

    const auto renewed = cloud_->transactions.renew_sad(*approved, {opened.documents[1].hash});

    ASSERT_TRUE(renewed.has_value());
    const auto fresh = cloud_->transactions.sad_of(*renewed);
    EXPECT_NE(fresh, old);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(old)), ErrorKind::not_found);
    ASSERT_TRUE(cloud_->transactions.find_by_sad(fresh).has_value());
    EXPECT_EQ(cloud_->transactions.find_by_sad(fresh)->id, opened.id);
    EXPECT_EQ(cloud_->transactions.seconds_left(*renewed), left - 60);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(opened.id + ".1")), ErrorKind::not_found);
}

TEST_F(RenewedSadTest, AddsNoHashAndServesNoneThatIsSigned) {
    const auto opened = open(2);
    const auto approved = cloud_.approve(person_, opened.id);
    ASSERT_TRUE(approved.has_value());
    auto& transactions = cloud_->transactions;

    EXPECT_EQ(kind_of(transactions.renew_sad(*approved, {Bytes(32, 1)})),
              ErrorKind::hash_not_authorised);
    ASSERT_TRUE(transactions.sign(*approved, {opened.documents[0].hash}).has_value());
    EXPECT_EQ(kind_of(transactions.renew_sad(*approved, {opened.documents[0].hash})),
              ErrorKind::hash_not_authorised);
    ASSERT_TRUE(transactions.sign(*approved, {opened.documents[1].hash}).has_value());
    EXPECT_EQ(kind_of(transactions.renew_sad(*approved, {opened.documents[1].hash})),
              ErrorKind::conflict);
}

TEST_F(RenewedSadTest, OfTwoCallsWithOneSadOneWins) {
    const auto opened = open(1);
    const auto approved = cloud_.approve(person_, opened.id);
    ASSERT_TRUE(approved.has_value());
    const std::vector<Bytes> hashes = {opened.documents[0].hash};

    ASSERT_TRUE(cloud_->transactions.renew_sad(*approved, hashes).has_value());

    EXPECT_EQ(kind_of(cloud_->transactions.renew_sad(*approved, hashes)), ErrorKind::conflict);
}

}  // namespace
}  // namespace cloudsign::transaction
