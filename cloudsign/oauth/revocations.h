#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"

namespace cloudsign::oauth {

// No access token lives longer.
inline constexpr std::int64_t access_lifetime_max_ms = 4ll * 3600 * 1000;

// Access tokens that are refused although they have not expired: by their own id (jti) or by the
// grant that they came from. Durable; remembered, up to a bound, so that a request is not a query.
// Any thread; calls may park.
class Revocations {
public:
    static constexpr std::size_t remembered_max = 65'536;

    static Result<std::unique_ptr<Revocations>> open(store::Database& database, const Clock& clock);

    // True for a token that was revoked, and whenever that cannot be found out.
    bool contains(const std::string& token_id, const std::string& grant_id);

    // An access token that would expire at `expires_at_ms`.
    Result<void> revoke_token(const std::string& token_id, std::int64_t expires_at_ms);
    // Every token of the grant, refresh tokens included. No error when there is no such grant.
    Result<void> revoke_grant(const std::string& grant_id);
    // Those of a person's sessions at a portal (CSC v1 auth/login).
    Result<void> revoke_logins(const std::string& client_id, const std::string& signer_id);

    // Forgets what has expired, codes, grants and assertions too, and learns what other servers
    // have revoked. Every so often.
    Result<void> sweep();

private:
    Revocations(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    using Ids = std::unordered_set<std::string>;

    // Beyond every access token that has been issued.
    std::int64_t last_expiry() const;
    Result<void> load();
    void remember(const std::string& id);
    bool stored(const std::string& token_id, const std::string& grant_id);

    store::Database& database_;
    const Clock& clock_;
    std::mutex mutex_;
    Ids ids_;
    Ids fresh_;             // of ids_, since the last load began
    bool complete_ = true;  // all that is stored is in ids_
};

}  // namespace cloudsign::oauth
