#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// What a list shows of a transaction: nothing that anybody could act with.
struct TransactionSummary {
    std::string id;
    hsm::protocol::Purpose purpose = hsm::protocol::Purpose::sign;
    transaction::State state = transaction::State::created;
    std::string reason;
    std::string approver_id;
    std::string credential_id;
    std::string portal;
    std::string purpose_text;
    std::int64_t created_at = 0;
};

struct TransactionQuery {
    std::string approver_id;  // empty: whoever
    std::optional<transaction::State> state;
    std::int64_t from = 0;        // created then or later
    std::int64_t to = INT64_MAX;  // created before
    std::string before_id;        // the page after this one; empty: the first
};

// Newest first; ids sort by the time that they were made. What fits seldom is found by reading from
// the newest on: for the office, not for portals.
Result<std::vector<TransactionSummary>> search_transactions(Session& session,
                                                            const TransactionQuery& query,
                                                            std::uint32_t limit);

}  // namespace cloudsign::store
