#include <condition_variable>
#include <thread>

#include "cloudsign/sha256.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::transaction {
namespace {

using tests::support::Cloud;
using tests::support::count_signatures;
using tests::support::es256;
using tests::support::kind_of;
using tests::support::spki_of;
using tests::support::verifies;

std::vector<Bytes> hashes_of(const store::Transaction& transaction) {
    std::vector<Bytes> hashes;
    for (const auto& document : transaction.documents) {
        hashes.push_back(document.hash);
    }
    return hashes;
}

class SigningTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        signatures_before_ = count_signatures(cloud_.group.target());
    }

    store::Transaction approved(const SignatureRequest& request) {
        const auto opened = cloud_->transactions.open(request);
        CHECK(opened.has_value());
        const auto approved = cloud_.approve(person_, opened->id);
        CHECK(approved.has_value());
        return *approved;
    }

    std::size_t signatures() {
        return count_signatures(cloud_.group.target()) - signatures_before_;
    }

    Cloud cloud_;
    tests::support::Person person_;
    std::size_t signatures_before_ = 0;
};

TEST_F(SigningTest, AnswersInTheOrderOfTheRequest) {
    const auto transaction = approved(cloud_.request_for(person_, 5));
    const auto hashes = hashes_of(transaction);
    const std::vector<Bytes> wanted = {hashes[3], hashes[0], hashes[4]};

    const auto made = cloud_->transactions.sign(transaction, wanted);

    ASSERT_TRUE(made.has_value());
    ASSERT_EQ(made->size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_TRUE(verifies(spki_of(person_.credential), es256, wanted[i], (*made)[i].signature));
    }
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::signing);
    ASSERT_TRUE(cloud_->transactions.sign(transaction, {hashes[1], hashes[2]}).has_value());
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::signed_);
    EXPECT_EQ(signatures(), 5u);
}

TEST_F(SigningTest, ReplaysTheIdenticalSignatureAndNeverMakesAnother) {
    const auto transaction = approved(cloud_.request_for(person_, 2));
    const auto hashes = hashes_of(transaction);
    const auto first = cloud_->transactions.sign(transaction, hashes);
    ASSERT_TRUE(first.has_value());

    const auto again = cloud_->transactions.sign(transaction, {hashes[1], hashes[0]});

    ASSERT_TRUE(again.has_value());
    EXPECT_EQ((*again)[0].signature, (*first)[1].signature);
    EXPECT_EQ((*again)[1].signature, (*first)[0].signature);
    EXPECT_EQ((*again)[0].receipt, (*first)[1].receipt);
    EXPECT_EQ(signatures(), 2u);
}

TEST_F(SigningTest, TakesAnOccurrenceForEachTimeThatAHashIsAsked) {
    auto request = cloud_.request_for(person_, 2);
    request.documents.push_back(request.documents[0]);  // authorised twice
    const auto transaction = approved(request);
    const auto twice = request.documents[0].hash;
    const auto once = request.documents[1].hash;

    EXPECT_EQ(kind_of(cloud_->transactions.sign(transaction, {once, once})),
              ErrorKind::hash_not_authorised);
    EXPECT_EQ(kind_of(cloud_->transactions.sign(transaction, {twice, twice, twice})),
              ErrorKind::hash_not_authorised);
    EXPECT_EQ(signatures(), 0u);
    const auto made = cloud_->transactions.sign(transaction, {twice, twice});

    ASSERT_TRUE(made.has_value());
    EXPECT_NE((*made)[0].position, (*made)[1].position);
    EXPECT_EQ(signatures(), 2u);
}

TEST_F(SigningTest, RefusesAHashOutsideTheApprovalAndSignsNothingOfThatRequest) {
    const auto transaction = approved(cloud_.request_for(person_, 2));
    auto hashes = hashes_of(transaction);
    hashes.push_back(bytes_of(sha256("another document")));

    EXPECT_EQ(kind_of(cloud_->transactions.sign(transaction, hashes)),
              ErrorKind::hash_not_authorised);
    EXPECT_EQ(signatures(), 0u);
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::approved);
}

TEST_F(SigningTest, RefusesWhatIsNotApproved) {
    const auto opened = cloud_->transactions.open(cloud_.request_for(person_));
    ASSERT_TRUE(opened.has_value());

    EXPECT_EQ(kind_of(cloud_->transactions.sign(*opened, hashes_of(*opened))), ErrorKind::conflict);
    ASSERT_TRUE(
        cloud_->transactions.refuse(*opened, TransactionService::Refusal::reject).has_value());
    EXPECT_EQ(kind_of(cloud_->transactions.sign(*opened, hashes_of(*opened))), ErrorKind::conflict);
    EXPECT_EQ(signatures(), 0u);
}

TEST_F(SigningTest, LetsOneRequestAtATimeSignWithOneApproval) {
    const auto transaction = approved(cloud_.request_for(person_, 1));
    std::mutex mutex;
    std::condition_variable changed;
    bool inside = false;
    bool released = false;
    cloud_.modules.before_sign = [&] {
        std::unique_lock lock(mutex);
        inside = true;
        changed.notify_all();
        changed.wait(lock, [&] { return released; });
    };
    std::optional<Result<std::vector<SignedOccurrence>>> first;
    std::thread signer(
        [&] { first = cloud_->transactions.sign(transaction, hashes_of(transaction)); });
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return inside; });
    }

    std::optional<Result<std::vector<SignedOccurrence>>> second;
    std::thread other(
        [&] { second = cloud_->transactions.sign(transaction, hashes_of(transaction)); });
    {
        const std::lock_guard lock(mutex);
        released = true;
    }
    changed.notify_all();
    signer.join();
    other.join();

    ASSERT_TRUE(first->has_value());
    ASSERT_TRUE(second->has_value());
    EXPECT_EQ((*second)->front().signature, (*first)->front().signature);
    EXPECT_EQ(signatures(), 1u);
}

TEST_F(SigningTest, MakesOneSignatureForEachHashUnderManyThreads) {
    const auto transaction = approved(cloud_.request_for(person_, 8));
    const auto hashes = hashes_of(transaction);
    std::vector<std::vector<Bytes>> seen(hashes.size());
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < hashes.size(); ++i) {
                const auto which = (i + t) % hashes.size();
                const auto made = cloud_->transactions.sign(transaction, {hashes[which]});
                ASSERT_TRUE(made.has_value()) << made.error().detail;
                const std::lock_guard lock(mutex);
                seen[which].push_back(made->front().signature);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }

    for (const auto& signatures_of_one : seen) {
        EXPECT_EQ(signatures_of_one, std::vector<Bytes>(4, signatures_of_one.front()));
    }
    EXPECT_EQ(signatures(), hashes.size());
}

TEST_F(SigningTest, SignsABatchOfTwoHundred) {
    const auto transaction = approved(cloud_.request_for(person_, 200));

    const auto made = cloud_->transactions.sign_all(transaction);

    ASSERT_TRUE(made.has_value());
    ASSERT_EQ(made->size(), 200u);
    for (const std::size_t i : {0u, 99u, 199u}) {
        EXPECT_TRUE(verifies(spki_of(person_.credential),
                             es256,
                             transaction.documents[i].hash,
                             (*made)[i].signature));
    }
    EXPECT_EQ(cloud_.stored(transaction.id).state, State::signed_);
    EXPECT_EQ(signatures(), 200u);
    EXPECT_EQ(cloud_->transactions.signed_occurrences(transaction.id)->size(), 200u);
}

}  // namespace
}  // namespace cloudsign::transaction
