#include "cloudsign/oauth/revocations.h"

#include "cloudsign/store/token_table.h"

namespace cloudsign::oauth {

using store::Session;
using store::TokenTable;

namespace {

// So long a client is told that its refresh token has expired, rather than that there is none.
constexpr std::int64_t expired_grant_kept_ms = 24ll * 3600 * 1000;

}  // namespace

Result<std::unique_ptr<Revocations>> Revocations::open(store::Database& database,
                                                       const Clock& clock) {
    std::unique_ptr<Revocations> revocations(new Revocations(database, clock));
    TRY(revocations->load());
    return revocations;
}

Result<void> Revocations::load() {
    {
        const std::lock_guard lock(mutex_);
        fresh_.clear();
    }
    TRY_ASSIGN(auto stored, database_.read([](Session& session) {
        return TokenTable(session).revoked(remembered_max + 1);
    }));
    const std::lock_guard lock(mutex_);
    complete_ = stored.size() <= remembered_max && fresh_.size() < remembered_max;
    ids_ = fresh_;  // what came while we were reading
    ids_.insert(stored.begin(), stored.end());
    return {};
}

bool Revocations::contains(const std::string& token_id, const std::string& grant_id) {
    bool complete = false;
    {
        const std::lock_guard lock(mutex_);
        if (ids_.contains(token_id) || (!grant_id.empty() && ids_.contains(grant_id))) {
            return true;
        }
        complete = complete_;
    }
    return !complete && stored(token_id, grant_id);
}

bool Revocations::stored(const std::string& token_id, const std::string& grant_id) {
    const auto found = database_.read([&](Session& session) -> Result<bool> {
        TokenTable table(session);
        TRY_ASSIGN(auto by_token, table.is_revoked(token_id));
        if (by_token || grant_id.empty()) {
            return by_token;
        }
        return table.is_revoked(grant_id);
    });
    return !found || *found;
}

void Revocations::remember(const std::string& id) {
    const std::lock_guard lock(mutex_);
    if (ids_.size() >= remembered_max || fresh_.size() >= remembered_max) {
        complete_ = false;
        return;
    }
    ids_.insert(id);
    fresh_.insert(id);
}

Result<void> Revocations::revoke_token(const std::string& token_id, std::int64_t expires_at_ms) {
    TRY(database_.write(
        [&](Session& session) { return TokenTable(session).revoke(token_id, expires_at_ms); }));
    remember(token_id);
    return {};
}

std::int64_t Revocations::last_expiry() const {
    // A token that is being issued this moment ends later than one that was.
    constexpr std::int64_t margin_ms = 10 * 60 * 1000;
    return clock_.now_ms() + access_lifetime_max_ms + margin_ms;
}

Result<void> Revocations::revoke_grant(const std::string& grant_id) {
    TRY(database_.write([&](Session& session) -> Result<void> {
        TokenTable table(session);
        TRY(table.revoke_grant(grant_id));
        return table.revoke(grant_id, last_expiry());
    }));
    remember(grant_id);
    return {};
}

Result<void> Revocations::revoke_logins(const std::string& client_id,
                                        const std::string& signer_id) {
    TRY_ASSIGN(auto grants,
               database_.write([&](Session& session) -> Result<std::vector<std::string>> {
                   TokenTable table(session);
                   TRY_ASSIGN(auto found, table.login_grants(client_id, signer_id));
                   for (const auto& grant_id : found) {
                       TRY(table.revoke_grant(grant_id));
                       TRY(table.revoke(grant_id, last_expiry()));
                   }
                   return found;
               }));
    for (const auto& grant_id : grants) {
        remember(grant_id);
    }
    return {};
}

Result<void> Revocations::sweep() {
    TRY(database_.write([&](Session& session) {
        return TokenTable(session).delete_expired(clock_.now_ms(), expired_grant_kept_ms);
    }));
    return load();
}

}  // namespace cloudsign::oauth
