#include "cloudsign/oauth/grant.h"

#include "cloudsign/identity/id.h"

namespace cloudsign::oauth {
namespace {

constexpr std::size_t details_size_max = 64 * 1024;

}  // namespace

Result<void> check_grant(const Grant& grant) {
    const bool credential = grant.scope == "credential";
    if (grant.client_id.empty() || (!credential && grant.scope != "service") ||
        credential != grant.transaction_id.has_value() || (credential && grant.refresh) ||
        (grant.token_type == TokenType::sad && !credential) ||
        grant.authorization_details.size() > details_size_max) {
        return Error{ErrorKind::invalid, "such a thing cannot be granted"};
    }
    return {};
}

store::GrantRow new_row(const Grant& grant, std::int64_t now_ms, std::int64_t lifetime_ms) {
    store::GrantRow row;
    row.id = identity::new_id("grant");
    row.client_id = grant.client_id;
    row.signer_id = grant.signer_id;
    row.scope = grant.scope;
    row.transaction_id = grant.transaction_id;
    row.token_type = grant.token_type;
    row.authorization_details = grant.authorization_details;
    row.refresh = grant.refresh;
    row.access_until = grant.access_until_ms;
    row.expires_at = now_ms + lifetime_ms;
    row.origin = grant.origin;
    return row;
}

RedeemedGrant redeemed(store::GrantRow row) {
    RedeemedGrant answer;
    answer.grant.client_id = std::move(row.client_id);
    answer.grant.signer_id = std::move(row.signer_id);
    answer.grant.scope = std::move(row.scope);
    answer.grant.transaction_id = std::move(row.transaction_id);
    answer.grant.token_type = row.token_type;
    answer.grant.authorization_details = std::move(row.authorization_details);
    answer.grant.refresh = row.refresh;
    answer.grant.access_until_ms = row.access_until;
    answer.grant.origin = row.origin;
    answer.grant_id = std::move(row.id);
    return answer;
}

}  // namespace cloudsign::oauth
