#include "cloudsign/store/async_request_table.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Insert final : Statement<Nothing, AsyncRequest> {
    explicit Insert(Session& session) : Statement(session, insert_sql<AsyncRequest>()) {}
};
struct ById final : Statement<AsyncRequest, std::string> {
    explicit ById(Session& session)
        : Statement(session, select_sql<AsyncRequest>("WHERE id = :id")) {}
};
struct PendingOf final : Statement<AsyncRequest, std::string> {
    explicit PendingOf(Session& session)
        : Statement(session,
                    select_sql<AsyncRequest>("WHERE transaction_id = :id AND state = 'pending' "
                                             "ORDER BY created_at, id")) {}
};
struct TransactionsPending final : Statement<std::string> {
    explicit TransactionsPending(Session& session)
        : Statement(session,
                    "SELECT DISTINCT transaction_id FROM async_requests WHERE state = 'pending'") {}
};
struct TransactionsDue final : Statement<std::string> {
    explicit TransactionsDue(Session& session)
        : Statement(session,
                    "SELECT DISTINCT transaction_id FROM async_requests "
                    "JOIN transactions ON transactions.id = transaction_id "
                    "WHERE async_requests.state = 'pending' "
                    "AND transactions.state NOT IN ('created', 'notified', 'seen')") {}
};
struct Finish final : Statement<Nothing, std::string> {
    explicit Finish(Session& session)
        : Statement(session,
                    "UPDATE async_requests SET state = 'finished' "
                    "WHERE id = :id AND state = 'pending'") {}
};
struct EraseUntil final : Statement<Nothing, std::int64_t> {
    explicit EraseUntil(Session& session)
        : Statement(session, "DELETE FROM async_requests WHERE keep_until <= :now") {}
};

}  // namespace

Result<void> AsyncRequestTable::insert(const AsyncRequest& job) {
    return done(session_.prepared<Insert>().run(job));
}

Result<std::optional<AsyncRequest>> AsyncRequestTable::by_id(const std::string& id) {
    return session_.prepared<ById>().one(id);
}

Result<std::vector<AsyncRequest>> AsyncRequestTable::pending_of(const std::string& transaction_id) {
    return session_.prepared<PendingOf>().all(transaction_id);
}

Result<std::vector<std::string>> AsyncRequestTable::transactions_pending() {
    return session_.prepared<TransactionsPending>().all();
}

Result<std::vector<std::string>> AsyncRequestTable::transactions_due() {
    return session_.prepared<TransactionsDue>().all();
}

Result<bool> AsyncRequestTable::finish(const std::string& id) {
    return hit(session_.prepared<Finish>().run(id));
}

Result<void> AsyncRequestTable::erase_until(std::int64_t now) {
    return done(session_.prepared<EraseUntil>().run(now));
}

}  // namespace cloudsign::store
