#pragma once

#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/token_rows.h"

namespace cloudsign::store {

class Session;

// Grants with their codes and refresh tokens, what is revoked, and assertions that were used.
// Errors as ClientTable's.
class TokenTable {
public:
    explicit TokenTable(Session& session) : session_(session) {}

    Result<void> insert(const GrantRow& grant);
    Result<std::optional<GrantRow>> grant(const std::string& id);
    // Whether there was such a grant, revoked or not.
    Result<bool> revoke_grant(const std::string& id);
    // Of a person's sessions at a portal, those that are not revoked.
    Result<std::vector<std::string>> login_grants(const std::string& client_id,
                                                  const std::string& signer_id);

    Result<void> insert(const AuthorizationCodeRow& code);
    Result<std::optional<AuthorizationCodeRow>> code(const hsm::Digest& code_hash);
    // False when it was used before.
    Result<bool> use_code(const hsm::Digest& code_hash);

    Result<void> insert(const RefreshTokenRow& token);
    Result<std::optional<RefreshTokenRow>> refresh_token(const hsm::Digest& token_hash);
    // False when it was used before.
    Result<bool> use_refresh_token(const hsm::Digest& token_hash);

    // Twice is no error; the later time stands.
    Result<void> revoke(const std::string& id, std::int64_t expires_at);
    Result<std::vector<std::string>> revoked(std::uint32_t limit);
    Result<bool> is_revoked(const std::string& id);

    // False when it was used before.
    Result<bool> use_assertion(const hsm::Digest& assertion_hash, std::int64_t expires_at);

    // Grants stay for that long after they have expired, with their codes and refresh tokens.
    Result<void> delete_expired(std::int64_t now, std::int64_t grants_kept_ms);

private:
    Session& session_;
};

}  // namespace cloudsign::store
