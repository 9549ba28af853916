#include "cloudsign/transaction/signing_jobs.h"

#include <deque>

#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/signing_job_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::transaction {
namespace {

using tests::support::Cloud;
using tests::support::count_signatures;

// Work is done when the test says so.
class SigningJobsTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        start();
        client_ = clients_->add_for_all("Portal")->client_id;
    }

    void start() {
        clients_ = std::make_unique<identity::ClientRegistry>(*cloud_.database, cloud_.clock);
        jobs_ = std::make_unique<SigningJobs>(
            *cloud_.database, cloud_->transactions, *clients_, cloud_.clock);
        jobs_->on_work([this](std::function<void()> work) {
            if (full_) {
                return false;
            }
            queue_.push_back(std::move(work));
            return true;
        });
        cloud_->transactions.on_change(
            [this](const store::Transaction& one) { jobs_->changed(one.id); });
    }

    // As after a crash of the server.
    void restart() {
        queue_.clear();
        jobs_.reset();
        clients_.reset();
        cloud_.restart_server();
        start();
        ASSERT_TRUE(jobs_->resume().has_value());
    }

    std::string opened(std::size_t count = 1) {
        auto request = cloud_.request_for(person_, count);
        request.client_id = client_;
        request.beside = [this](store::Session& session, const std::string& id) {
            return jobs_->add(session, id);
        };
        auto transaction = cloud_->transactions.open(request);
        CHECK(transaction.has_value());
        work();
        return transaction->id;
    }
    void approve(const std::string& id) { CHECK(cloud_.approve(person_, id).has_value()); }

    std::size_t work() {
        std::size_t done = 0;
        while (!queue_.empty()) {
            const auto next = std::move(queue_.front());
            queue_.pop_front();
            next();
            ++done;
        }
        return done;
    }
    std::size_t left() {
        return cloud_.database
            ->read([](store::Session& session) { return store::SigningJobTable(session).all(); })
            ->size();
    }
    State state(const std::string& id) { return cloud_.stored(id).state; }
    void set_credential(store::CredentialStatus status) {
        auto credential = cloud_.stored_credential(person_.credential.id);
        const auto before = std::exchange(credential.status, status);
        CHECK(cloud_.database
                  ->write([&](store::Session& session) {
                      return store::CredentialTable(session).update(credential, before);
                  })
                  .has_value());
    }

    Cloud cloud_;
    tests::support::Person person_;
    std::unique_ptr<identity::ClientRegistry> clients_;
    std::string client_;
    std::unique_ptr<SigningJobs> jobs_;
    std::deque<std::function<void()>> queue_;
    bool full_ = false;
};

TEST_F(SigningJobsTest, SignAllHashesOnceTheSignerHasApproved) {
    const auto id = opened(3);
    EXPECT_EQ(state(id), State::notified);
    EXPECT_EQ(left(), 1U);

    approve(id);
    work();

    EXPECT_EQ(state(id), State::signed_);
    EXPECT_EQ(cloud_->transactions.signed_occurrences(id)->size(), 3U);
    EXPECT_EQ(left(), 0U);
}

TEST_F(SigningJobsTest, LeaveOtherTransactionsAlone) {
    auto request = cloud_.request_for(person_);
    request.client_id = client_;
    const auto transaction = cloud_->transactions.open(request);
    approve(transaction->id);

    EXPECT_EQ(work(), 0U);
    EXPECT_EQ(state(transaction->id), State::approved);
}

TEST_F(SigningJobsTest, EndWithTheirTransaction) {
    const auto id = opened();
    ASSERT_TRUE(cloud_->transactions.refuse(cloud_.stored(id), TransactionService::Refusal::reject)
                    .has_value());
    work();
    EXPECT_EQ(left(), 0U);
}

TEST_F(SigningJobsTest, AreTakenUpAfterARestartBeforeTheApproval) {
    const auto id = opened();
    restart();
    work();
    approve(id);
    work();
    EXPECT_EQ(state(id), State::signed_);
}

TEST_F(SigningJobsTest, AreTakenUpAfterARestartBetweenApprovalAndSignature) {
    const auto id = opened(2);
    approve(id);
    const auto before = count_signatures(cloud_.group.target());
    restart();
    work();
    EXPECT_EQ(state(id), State::signed_);
    EXPECT_EQ(count_signatures(cloud_.group.target()) - before, 2U);
}

TEST_F(SigningJobsTest, WaitForAnotherApprovalWhenTheModuleLostIt) {
    const auto id = opened();
    approve(id);
    cloud_.restart_module();
    work();
    EXPECT_EQ(state(id), State::notified);
    EXPECT_EQ(cloud_.stored(id).reason, "asked again");

    approve(id);
    work();

    EXPECT_EQ(state(id), State::signed_);
}

TEST_F(SigningJobsTest, TryAgainWhenThereWasNoRoom) {
    const auto id = opened();
    full_ = true;
    approve(id);
    full_ = false;
    EXPECT_EQ(work(), 0U);

    jobs_->retry();
    work();

    EXPECT_EQ(state(id), State::signed_);
}

TEST_F(SigningJobsTest, DoNotSignForACredentialThatWasDisabledSince) {
    const auto id = opened();
    approve(id);
    set_credential(store::CredentialStatus::disabled);
    work();
    EXPECT_EQ(state(id), State::approved);
    jobs_->retry();
    EXPECT_EQ(work(), 0U) << "too soon";

    set_credential(store::CredentialStatus::enabled);
    cloud_.advance(1000);
    jobs_->retry();
    work();

    EXPECT_EQ(state(id), State::signed_);
}

TEST_F(SigningJobsTest, DoNotSignForAClientThatWasDisabledSince) {
    const auto id = opened();
    approve(id);
    ASSERT_TRUE(clients_->set_status(client_, store::ClientStatus::disabled).has_value());
    work();
    EXPECT_EQ(state(id), State::approved);
}

TEST_F(SigningJobsTest, OfATransactionThatWasNeverStoredAreForgotten) {
    auto request = cloud_.request_for(person_);
    request.client_id = client_;
    request.beside = [this](store::Session& session, const std::string& id) -> Result<void> {
        TRY(jobs_->add(session, id));
        return Error{ErrorKind::conflict, "the name is taken"};
    };
    EXPECT_EQ(cloud_->transactions.open(request).error().kind, ErrorKind::conflict);
    EXPECT_EQ(left(), 0U);
    EXPECT_EQ(cloud_.database
                  ->read([](store::Session& session) {
                      return store::TransactionTable(session).unfinished();
                  })
                  ->size(),
              0U);
}

}  // namespace
}  // namespace cloudsign::transaction
