#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/identity/client_registry.h"
#include "cloudsign/store/database.h"
#include "cloudsign/transaction/transaction_service.h"

namespace cloudsign::transaction {

// Transactions that the server signs by itself once their signer has approved, because their
// dialect has no second call by which the portal would fetch signatures. Durable: a job is written
// with its transaction and ends in the commit that ends it; a restart takes up what is left. Any
// thread.
class SigningJobs {
public:
    static constexpr std::size_t jobs_max = 100'000;

    SigningJobs(store::Database& database,
                TransactionService& transactions,
                identity::ClientRegistry& clients,
                const Clock& clock);

    // Runs `work`, which blocks on a module, elsewhere; false when there is no room now.
    using Run = std::function<bool(std::function<void()> work)>;
    void on_work(Run run);

    // In the commit that opens the transaction (SignatureRequest::beside). `busy` beyond
    // `jobs_max`.
    Result<void> add(store::Session& session, const std::string& transaction_id);

    // A transaction has changed: signs it if it is one of these and approved.
    void changed(const std::string& transaction_id);

    // After a start: those that are left.
    Result<void> resume();

    // Those that failed, or found no room: once a second.
    void retry();

private:
    struct Job {
        bool queued = false;
        unsigned failures = 0;
    };

    void queue(const std::string& transaction_id);
    void work_on(const std::string& transaction_id);
    Result<void> check_allowed(const store::Transaction& transaction);
    void put_off(const std::string& transaction_id);

    store::Database& database_;
    TransactionService& transactions_;
    identity::ClientRegistry& clients_;
    const Clock& clock_;
    Run run_;
    std::mutex mutex_;
    std::map<std::string, Job> jobs_;
    std::map<std::string, std::int64_t> failed_;  // and when to try again
};

}  // namespace cloudsign::transaction
