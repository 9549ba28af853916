#include "cloudsign/oauth/refresh_tokens.h"

#include "cloudsign/base64.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/application_login_table.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/token_table.h"

namespace cloudsign::oauth {
namespace {

using store::GrantRow;
using store::Session;
using store::TokenTable;

TokenError no_such_token() {
    return invalid_grant("Invalid parameter refresh_token");
}

hsm::Digest hash_of(std::string_view token) {
    return sha256(hsm::view_of(token));
}

Result<std::string> insert_new(TokenTable& table,
                               const std::string& grant_id,
                               std::int64_t proof_version) {
    auto token = base64url(random_32());
    TRY(table.insert(store::RefreshTokenRow{hash_of(token), grant_id, false, proof_version}));
    return token;
}

// What counts now of whoever a grant was given to. None when they are gone.
Result<std::optional<std::int64_t>> proof_version_now(Session& session, const GrantRow& grant) {
    std::optional<std::int64_t> version;
    if (grant.origin == GrantOrigin::login && grant.signer_id) {
        TRY_ASSIGN(auto login,
                   store::ApplicationLoginTable(session).of(grant.client_id, *grant.signer_id));
        if (login) {
            version = login->proof_version;
        }
        return version;
    }
    TRY_ASSIGN(auto client, store::ClientTable(session).by_id(grant.client_id));
    if (client) {
        version = client->proof_version;
    }
    return version;
}

bool may_be_presented(const GrantRow& grant, const RefreshTokens::Presented& presented) {
    return !grant.revoked && grant.refresh && grant.origin == presented.at &&
           (!presented.client_id || grant.client_id == *presented.client_id);
}

}  // namespace

Result<std::string> RefreshTokens::open(const Grant& grant, std::int64_t proof_version) {
    TRY(check_grant(grant));
    const auto row =
        new_row(grant, clock_.now_ms(), grant.refresh ? grant_lifetime_ms : access_lifetime_max_ms);
    TRY(database_.write([&](Session& session) -> Result<void> {
        TRY_ASSIGN(auto now, proof_version_now(session, row));
        if (now != proof_version) {
            return Error{ErrorKind::unauthenticated, "the password is no longer right"};
        }
        return TokenTable(session).insert(row);
    }));
    return row.id;
}

Result<std::string> RefreshTokens::issue(const std::string& grant_id, std::int64_t proof_version) {
    return database_.write([&](Session& session) {
        TokenTable table(session);
        return insert_new(table, grant_id, proof_version);
    });
}

hsm::Result<RefreshTokens::Rotated, TokenError> RefreshTokens::rotate(const Presented& presented) {
    const auto hash = hash_of(presented.token);
    struct Outcome {
        std::optional<Rotated> rotated;
        std::optional<TokenError> refusal;
        std::optional<std::string> replayed;  // the grant to end
    };
    auto outcome = database_.write([&](Session& session) -> Result<Outcome> {
        TokenTable table(session);
        TRY_ASSIGN(auto token, table.refresh_token(hash));
        if (!token) {
            return Outcome{{}, no_such_token(), {}};
        }
        TRY_ASSIGN(auto grant, table.grant(token->grant_id));
        if (!grant || !may_be_presented(*grant, presented)) {
            return Outcome{{}, no_such_token(), {}};
        }
        if (token->used) {
            return Outcome{
                {},
                with_event(no_such_token(), "refresh token used again", grant->client_id),
                std::move(token->grant_id)};
        }
        if (grant->expires_at <= clock_.now_ms()) {
            return Outcome{{}, invalid_grant("Refresh token expired"), {}};
        }
        TRY_ASSIGN(auto proof_version, proof_version_now(session, *grant));
        if (proof_version != token->proof_version) {
            return Outcome{{}, no_such_token(), {}};
        }
        TRY(table.use_refresh_token(hash));
        TRY_ASSIGN(auto next, insert_new(table, grant->id, *proof_version));
        return Outcome{Rotated{redeemed(*std::move(grant)), std::move(next)}, {}, {}};
    });
    if (!outcome) {
        return failure_of(outcome.error());
    }
    if (outcome->replayed) {
        if (const auto done = revocations_.revoke_grant(*outcome->replayed); !done) {
            return failure_of(done.error());
        }
    }
    if (outcome->refusal) {
        return *std::move(outcome->refusal);
    }
    return *std::move(outcome->rotated);
}

Result<std::optional<GrantRow>> RefreshTokens::find(const std::string& refresh_token) {
    return database_.read([&](Session& session) -> Result<std::optional<GrantRow>> {
        TokenTable table(session);
        TRY_ASSIGN(auto token, table.refresh_token(hash_of(refresh_token)));
        if (!token) {
            return std::optional<GrantRow>();
        }
        return table.grant(token->grant_id);
    });
}

Result<std::optional<Grant>> RefreshTokens::grant_of(const std::string& refresh_token) {
    TRY_ASSIGN(auto found, find(refresh_token));
    return found ? std::optional(redeemed(*std::move(found)).grant) : std::nullopt;
}

Result<bool> RefreshTokens::revoke(const std::string& refresh_token, const std::string& client_id) {
    TRY_ASSIGN(auto grant, find(refresh_token));
    if (!grant || grant->client_id != client_id) {
        return false;
    }
    TRY(revocations_.revoke_grant(grant->id));
    return true;
}

}  // namespace cloudsign::oauth
