#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/store/database.h"
#include "cloudsign/transaction/transaction_service.h"

namespace cloudsign::store {
class Session;
}

namespace cloudsign::transaction {

// What a portal wants signed without waiting for it itself (CSC v2 operationMode A).
struct AsyncWish {
    store::AsyncForm form = store::AsyncForm::hash;
    std::vector<Bytes> hashes;  // as authorised, in the order of the answer
    std::string parts;          // kept for whoever writes the answer
    std::optional<std::string> response_uri;
    std::int64_t keep_ms = 0;  // from now on
};

// Signatures that the server makes by itself as soon as the signer has approved. A job is durable
// and says only which occurrences it is about: a restart, or two threads at once, find what was
// signed in the transaction and never sign it again. Any thread, and fibers.
class AsyncRequests {
public:
    AsyncRequests(store::Database& database, TransactionService& transactions, const Clock& clock)
        : database_(database), transactions_(transactions), clock_(clock) {}

    // Told in the commit that finishes a job, so that it is told at least once and at most once.
    // `outcome`: a state's name, or "failed".
    using Told = std::function<Result<void>(
        store::Session&, const store::AsyncRequest&, std::string_view outcome)>;
    void on_finish(Told told) { told_ = std::move(told); }
    // Has run(id) called soon, somewhere where it may park.
    void on_ready(std::function<void(const std::string&)> start) { start_ = std::move(start); }
    // For TransactionService::on_change. Cheap for transactions that nobody here waits for.
    void changed(const std::string& transaction_id) const;

    // The new request's id, CSC's responseID; or that of the same one that is not finished yet. It
    // runs at once if it may. `hash_not_authorised` when
    // the transaction has no occurrence for one of the hashes that no other job is about.
    Result<std::string> add(const store::Transaction& transaction, const AsyncWish& request);

    struct Progress {
        store::AsyncRequest request;
        store::Transaction transaction;
        // In the order asked for; nothing until all are made.
        std::optional<std::vector<SignedOccurrence>> made;
    };
    // `not_found`, also when the time to keep it is over.
    Result<Progress> find(const std::string& id);

    // Signs and finishes what may be. Never fails for good: what cannot be signed now is tried
    // again by run_due().
    void run(const std::string& transaction_id);
    // By one thread, at the start and once in a while: what a crash or a busy module has left, and
    // what nobody may ask for any more.
    Result<void> run_due();
    // At the start: which transactions concern us.
    Result<void> load();

private:
    Result<void> run_one(const store::Transaction& transaction, const store::AsyncRequest& job);
    Result<void> finish(const store::AsyncRequest& job, std::string_view outcome);

    store::Database& database_;
    TransactionService& transactions_;
    const Clock& clock_;
    Told told_;
    std::function<void(const std::string&)> start_;
    mutable std::mutex mutex_;
    std::set<std::string, std::less<>> concerned_;  // transactions with pending jobs
    std::int64_t next_sweep_ = 0;                   // of the one thread that calls run_due()
};

}  // namespace cloudsign::transaction
