#pragma once

#include <string>

#include "cloudsign/oauth/authorization_codes.h"

namespace cloudsign::oauth {

// Refresh tokens, one after another: each is good once, and one that comes again ends all of its
// grant (RFC 9700 §4.14). One that was given for a proof that is no longer one (proof_version of a
// client's row, or of a person's login) is none either. Stored as hashes. Any thread; calls may
// park.
class RefreshTokens {
public:
    RefreshTokens(store::Database& database, const Clock& clock, Revocations& revocations)
        : database_(database), clock_(clock), revocations_(revocations) {}

    // A grant that no code came before, of auth/login; its id. `unauthenticated` when another proof
    // has come since the one that was accepted.
    Result<std::string> open(const Grant& grant, std::int64_t proof_version);

    // A token of a grant that allows it.
    Result<std::string> issue(const std::string& grant_id, std::int64_t proof_version);

    struct Rotated {
        RedeemedGrant redeemed;
        std::string refresh_token;  // in place of the one that was used
    };
    // Where a token is presented, and by whom: none where the token alone says who it is.
    struct Presented {
        std::string token;
        GrantOrigin at = GrantOrigin::authorization;
        std::optional<std::string> client_id{};
    };
    // "Invalid parameter refresh_token", "Refresh token expired". Elsewhere than where it came from
    // a token is unknown, and nothing happens to it.
    hsm::Result<Rotated, TokenError> rotate(const Presented& presented);

    // What a token is of, whether it is still good or not.
    Result<std::optional<Grant>> grant_of(const std::string& refresh_token);

    // Ends the grant of this token, if the client has one of that name. False when it has not.
    Result<bool> revoke(const std::string& refresh_token, const std::string& client_id);

private:
    Result<std::optional<store::GrantRow>> find(const std::string& refresh_token);

    store::Database& database_;
    const Clock& clock_;
    Revocations& revocations_;
};

}  // namespace cloudsign::oauth
