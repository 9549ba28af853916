#include "cloudsign/store/transaction_search.h"

#include "cloudsign/store/columns.h"
#include "cloudsign/store/prepared.h"

namespace cloudsign::store {

template <>
struct Columns<TransactionSummary> {
    static constexpr const char* table = "transactions";
    static constexpr auto list =
        std::tuple(Column{"id", &TransactionSummary::id},
                   Column{"purpose", &TransactionSummary::purpose},
                   Column{"state", &TransactionSummary::state},
                   Column{"reason", &TransactionSummary::reason},
                   Column{"approver_id", &TransactionSummary::approver_id},
                   Column{"credential_id", &TransactionSummary::credential_id},
                   Column{"portal", &TransactionSummary::portal},
                   Column{"purpose_text", &TransactionSummary::purpose_text},
                   Column{"created_at", &TransactionSummary::created_at});
};

namespace {

// Behind every id: they are of lower-case letters, digits and '_'.
constexpr const char* last_id = "~";

struct Search final : Statement<TransactionSummary,
                                std::string,
                                std::int64_t,
                                std::int64_t,
                                std::string,
                                std::string,
                                std::string,
                                std::string,
                                std::uint32_t> {
    explicit Search(Session& session)
        : Statement(session,
                    select_sql<TransactionSummary>(
                        "WHERE id < :before AND created_at >= :since AND created_at < :until "
                        "AND (:any_approver = '' OR approver_id = :approver) "
                        "AND (:any_state = '' OR state = :state) "
                        "ORDER BY id DESC LIMIT :count")) {}
};

}  // namespace

Result<std::vector<TransactionSummary>> search_transactions(Session& session,
                                                            const TransactionQuery& query,
                                                            std::uint32_t limit) {
    const std::string state(query.state ? transaction::name(*query.state) : "");
    return session.prepared<Search>().all(query.before_id.empty() ? last_id : query.before_id,
                                          query.from,
                                          query.to,
                                          query.approver_id,
                                          query.approver_id,
                                          state,
                                          state,
                                          limit);
}

}  // namespace cloudsign::store
