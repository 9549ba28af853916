#include "cloudsign/transaction/transaction_service.h"

#include "cloudsign/store/transaction_table.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::transaction {
namespace {

using tests::support::answer_ms;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::sign_ms;

class TransactionServiceTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
    }

    store::Transaction open(const SignatureRequest& request) {
        auto opened = cloud_->transactions.open(request);
        CHECK(opened.has_value());
        return *std::move(opened);
    }

    Cloud cloud_;
    tests::support::Person person_;
};

TEST_F(TransactionServiceTest, JoinsTheSameRequestAndNoOther) {
    const auto request = cloud_.request_for(person_, 2);
    const auto first = open(request);

    EXPECT_EQ(open(request).id, first.id);
    auto other = request;
    other.client_id = "client-2";
    EXPECT_NE(open(other).id, first.id);
    other = request;
    std::swap(other.documents[0], other.documents[1]);
    EXPECT_NE(open(other).id, first.id);
    other = request;
    other.documents[0].label = "another";
    EXPECT_NE(open(other).id, first.id);
    other = request;
    other.purpose_text = "another";
    EXPECT_NE(open(other).id, first.id);
}

TEST_F(TransactionServiceTest, JoinsAnApprovedOneUntilItIsSigned) {
    const auto request = cloud_.request_for(person_);
    const auto first = open(request);
    ASSERT_TRUE(cloud_.approve(person_, first.id).has_value());
    EXPECT_EQ(open(request).state, State::approved);

    ASSERT_TRUE(cloud_->transactions.sign(cloud_.stored(first.id), {request.documents[0].hash})
                    .has_value());

    EXPECT_NE(open(request).id, first.id);
}

TEST_F(TransactionServiceTest, JoinsNothingThatHasEnded) {
    const auto request = cloud_.request_for(person_);
    const auto first = open(request);
    ASSERT_TRUE(
        cloud_->transactions.refuse(first, TransactionService::Refusal::reject).has_value());
    const auto second = open(request);
    EXPECT_NE(second.id, first.id);

    cloud_.advance(answer_ms);  // not swept yet

    EXPECT_NE(open(request).id, second.id);
}

TEST_F(TransactionServiceTest, FindsByItsTicketsAndByNothingElse) {
    const auto transaction = open(cloud_.request_for(person_));
    const auto handle = cloud_->transactions.handle_of(transaction);
    const auto sad = cloud_->transactions.sad_of(transaction);
    EXPECT_NE(handle, sad);

    EXPECT_EQ(cloud_->transactions.find_by_handle(handle)->id, transaction.id);
    EXPECT_EQ(cloud_->transactions.find_by_sad(sad)->id, transaction.id);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(handle)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_handle(sad)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad("")), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find(handle)), ErrorKind::not_found);
    const auto other = open(cloud_.request_for(person_, 2));
    const auto spliced = other.id + sad.substr(sad.rfind('.'));
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(spliced)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(transaction.id)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(transaction.id + ".")),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(sad + "A")), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->transactions.find_by_sad(std::string(5000, '.'))),
              ErrorKind::not_found);

    cloud_.restart_server();
    EXPECT_EQ(cloud_->transactions.sad_of(transaction), sad);
    EXPECT_EQ(cloud_->transactions.find_by_sad(sad)->id, transaction.id);
}

TEST_F(TransactionServiceTest, TellsOfEachChange) {
    std::vector<std::string> told;
    cloud_->transactions.on_change([&](const store::Transaction& one) { told.push_back(one.id); });

    const auto transaction = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_->transactions.see(transaction).has_value());
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());

    EXPECT_EQ(told, std::vector<std::string>(3, transaction.id));
}

TEST_F(TransactionServiceTest, GivesMoreTimeInTheLastHalfOfIt) {
    const auto transaction = open(cloud_.request_for(person_));

    const auto early = cloud_->transactions.more_time(transaction);
    cloud_.advance(answer_ms * 3 / 4);
    const auto later = cloud_->transactions.more_time(transaction);

    ASSERT_TRUE(early);
    EXPECT_EQ(early->challenge, transaction.challenge);
    EXPECT_EQ(early->answer_by, transaction.answer_by);
    ASSERT_TRUE(later);
    EXPECT_NE(later->challenge, transaction.challenge);
    EXPECT_EQ(later->answer_by, transaction.answer_by + answer_ms * 3 / 4);
    EXPECT_TRUE(cloud_.approve(person_, transaction.id).has_value());
}

TEST_F(TransactionServiceTest, GivesMoreTimeOnlySoOften) {
    auto transaction = open(cloud_.request_for(person_));
    int given = 0;
    for (; given < 20; ++given) {
        cloud_.advance(answer_ms * 3 / 4);
        const auto later = cloud_->transactions.more_time(transaction);
        if (!later) {
            EXPECT_EQ(later.error().kind, ErrorKind::conflict);
            break;
        }
        transaction = *later;
    }

    EXPECT_EQ(given, 4);
    EXPECT_LE(transaction.answer_by, transaction.created_at + 4 * answer_ms);
}

TEST_F(TransactionServiceTest, GivesNoMoreTimeThanWhoAskedHas) {
    auto request = cloud_.request_for(person_);
    request.answer_ms = answer_ms / 2;
    const auto limited = open(request);
    const auto ended = open(cloud_.request_for(person_, 2));
    ASSERT_TRUE(
        cloud_->transactions.refuse(ended, TransactionService::Refusal::reject).has_value());

    cloud_.advance(answer_ms / 4);
    EXPECT_EQ(kind_of(cloud_->transactions.more_time(limited)), ErrorKind::conflict);
    EXPECT_EQ(kind_of(cloud_->transactions.more_time(cloud_.stored(ended.id))),
              ErrorKind::conflict);
}

TEST_F(TransactionServiceTest, SeesWhatAnotherDeviceHasJustSeenOrAnswered) {
    const auto transaction = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_->transactions.see(transaction).has_value());

    EXPECT_TRUE(cloud_->transactions.see(transaction).has_value());
    ASSERT_TRUE(cloud_.approve(person_, transaction.id).has_value());
    EXPECT_TRUE(cloud_->transactions.see(transaction).has_value());
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::approved);
}

TEST_F(TransactionServiceTest, TakesAnApprovalAlthoughAnotherDeviceHasJustSeenIt) {
    const auto transaction = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_->transactions.see(transaction).has_value());
    store::AssertionRow row;
    row.transaction_id = transaction.id;
    row.assertion = {1};

    const auto approved = cloud_->transactions.approve(transaction, row, {});

    ASSERT_TRUE(approved.has_value());
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::approved);
}

TEST_F(TransactionServiceTest, KeepsNothingOfAnApprovalThatComesTooLate) {
    const auto transaction = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_->transactions.refuse(transaction, TransactionService::Refusal::not_mine)
                    .has_value());
    store::AssertionRow row;
    row.transaction_id = transaction.id;
    row.assertion = {1};

    const auto approved = cloud_->transactions.approve(transaction, row, {});

    EXPECT_EQ(kind_of(approved), ErrorKind::conflict);
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::not_mine);
    EXPECT_TRUE(cloud_->transactions.assertions(transaction.id)->empty());
}

TEST_F(TransactionServiceTest, RefusesOnceAndThenNothingMore) {
    const auto transaction = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_->transactions.see(transaction).has_value());

    // As read before it was seen.
    ASSERT_TRUE(
        cloud_->transactions.refuse(transaction, TransactionService::Refusal::reject).has_value());

    EXPECT_EQ(cloud_.stored(transaction.id).state, State::rejected);
    EXPECT_EQ(
        kind_of(cloud_->transactions.refuse(transaction, TransactionService::Refusal::not_mine)),
        ErrorKind::conflict);
    EXPECT_EQ(kind_of(cloud_.approve(person_, transaction.id)), ErrorKind::conflict);
}

TEST_F(TransactionServiceTest, ExpiresUnansweredAndUnsigned) {
    const auto unanswered = open(cloud_.request_for(person_));
    const auto unsigned_one = open(cloud_.request_for(person_));
    const auto signed_one = open(cloud_.request_for(person_));
    ASSERT_TRUE(cloud_.approve(person_, unsigned_one.id).has_value());
    ASSERT_TRUE(cloud_.approve(person_, signed_one.id).has_value());
    ASSERT_TRUE(cloud_->transactions.sign_all(cloud_.stored(signed_one.id)).has_value());
    std::vector<std::string> told;
    cloud_->transactions.on_change([&](const store::Transaction& one) { told.push_back(one.id); });

    cloud_.advance(answer_ms - 1);
    EXPECT_EQ(*cloud_->transactions.sweep(), 0u);
    cloud_.advance(1);
    EXPECT_EQ(cloud_->transactions.find(unanswered.id)->state, State::expired);
    EXPECT_EQ(cloud_.stored(unanswered.id).state, State::notified);
    EXPECT_EQ(kind_of(cloud_.approve(person_, unanswered.id)), ErrorKind::expired);
    EXPECT_EQ(*cloud_->transactions.sweep(), 1u);
    EXPECT_EQ(cloud_.stored(unanswered.id).state, State::expired);
    EXPECT_EQ(cloud_->transactions.find(unsigned_one.id)->state, State::approved);

    cloud_.advance(sign_ms);
    EXPECT_EQ(cloud_->transactions.find(unsigned_one.id)->state, State::expired);
    EXPECT_EQ(kind_of(cloud_->transactions.sign(unsigned_one, {unsigned_one.documents[0].hash})),
              ErrorKind::conflict);
    EXPECT_EQ(*cloud_->transactions.sweep(), 1u);
    EXPECT_EQ(cloud_.stored(signed_one.id).state, State::signed_);
    EXPECT_EQ(told, (std::vector<std::string>{unanswered.id, unsigned_one.id}));
}

TEST_F(TransactionServiceTest, EndsWhatADisabledClientHadAsked) {
    const auto waiting = open(cloud_.request_for(person_));
    const auto approved = open(cloud_.request_for(person_, 2));
    auto request = cloud_.request_for(person_);
    request.client_id = "client-2";
    const auto of_another = open(request);
    ASSERT_TRUE(cloud_.approve(person_, approved.id).has_value());

    EXPECT_EQ(*cloud_->transactions.end_all_asked_by("client-1"), 1u);

    EXPECT_EQ(cloud_.stored(waiting.id).state, State::expired);
    EXPECT_EQ(cloud_.stored(waiting.id).reason, "the client is disabled");
    EXPECT_EQ(kind_of(cloud_.approve(person_, waiting.id)), ErrorKind::expired);
    EXPECT_EQ(cloud_.stored(approved.id).state, State::approved);
    EXPECT_TRUE(transaction::is_waiting(cloud_.stored(of_another.id).state));
}

TEST_F(TransactionServiceTest, ExpiresEarlierWhereItsPortalSaysSoAndNeverLater) {
    auto sooner = cloud_.request_for(person_);
    sooner.answer_ms = 1000;
    auto later = cloud_.request_for(person_);
    later.answer_ms = answer_ms + 1;
    const auto first = open(sooner);
    const auto second = open(later);

    EXPECT_EQ(first.answer_by, first.created_at + 1000);
    EXPECT_EQ(second.answer_by, second.created_at + answer_ms);
    cloud_.advance(1000);
    EXPECT_EQ(cloud_->transactions.find(first.id)->state, State::expired);
    EXPECT_EQ(kind_of(cloud_.approve(person_, first.id)), ErrorKind::expired);
    EXPECT_TRUE(cloud_.approve(person_, second.id).has_value());
}

TEST_F(TransactionServiceTest, CountsWhatIsLeftOfItsTime) {
    const auto transaction = open(cloud_.request_for(person_));
    EXPECT_EQ(cloud_->transactions.seconds_left(transaction), answer_ms / 1000);
    const auto approved = cloud_.approve(person_, transaction.id);
    ASSERT_TRUE(approved.has_value());

    cloud_.advance(5'000);

    EXPECT_EQ(cloud_->transactions.seconds_left(*approved), (answer_ms + sign_ms) / 1000 - 5);
    cloud_.advance(answer_ms + 2 * sign_ms);
    EXPECT_EQ(cloud_->transactions.seconds_left(*approved), 0);
}

TEST_F(TransactionServiceTest, SaysWhenNoModuleIsThere) {
    cloud_.modules.down = {0};

    EXPECT_EQ(kind_of(cloud_->transactions.open(cloud_.request_for(person_))),
              ErrorKind::unavailable);
}

}  // namespace
}  // namespace cloudsign::transaction
