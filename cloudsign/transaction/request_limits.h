#pragma once

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/transaction/rate_limiter.h"

namespace cloudsign::store {
class TransactionTable;
}

namespace cloudsign::transaction {

// What a signer is spared of a portal (phone.md's push fatigue, ENISA's prompt bombing): a bound on
// what waits, peace after a rejection, and a rate for the whole client. The client's own settings
// say how much. Any thread.
class RequestLimits {
public:
    RequestLimits(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    // Before a request is opened at a module: `busy`, with `retry_after_s`, when it may not be now;
    // `undelivered` when the signer has no device that it could reach.
    Result<void> check(const std::string& client_id,
                       const std::string& signer_id,
                       std::int64_t open_requests);
    // The same bound on what waits, in the request's own commit, where no other can come between.
    Result<void> check_waiting(store::TransactionTable& table,
                               const std::string& client_id,
                               const std::string& signer_id,
                               std::int64_t open_requests) const;
    // How many of the client's requests may wait for one signer; 0: any number.
    Result<std::int64_t> open_requests(const std::string& client_id);

    // In the commit of a rejection.
    Result<void> note_rejection(store::TransactionTable& table,
                                const std::string& client_id,
                                const std::string& signer_id,
                                std::int64_t cool_down_seconds) const;
    Result<std::int64_t> cool_down_seconds(const std::string& client_id);

private:
    store::Database& database_;
    const Clock& clock_;
    RateLimiter opens_;
};

}  // namespace cloudsign::transaction
