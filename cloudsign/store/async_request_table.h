#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// What the server signs by itself. Errors as ClientTable's.
class AsyncRequestTable {
public:
    explicit AsyncRequestTable(Session& session) : session_(session) {}

    Result<void> insert(const AsyncRequest& job);
    Result<std::optional<AsyncRequest>> by_id(const std::string& id);
    // Those of one transaction that are not finished, oldest first.
    Result<std::vector<AsyncRequest>> pending_of(const std::string& transaction_id);
    // The transactions that have such jobs, and of them those that wait for nobody any more.
    Result<std::vector<std::string>> transactions_pending();
    Result<std::vector<std::string>> transactions_due();
    // False when it is finished already: of two who finish it one wins.
    Result<bool> finish(const std::string& id);
    // Whose time is over.
    Result<void> erase_until(std::int64_t now);

private:
    Session& session_;
};

}  // namespace cloudsign::store
