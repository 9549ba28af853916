#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cloudsign/error.h"
#include "cloudsign/store/token_rows.h"

namespace cloudsign::oauth {

using store::GrantOrigin;
using store::TokenType;

// What a sign-in or a signer's consent grants to a client: what its code will be exchanged for.
struct Grant {
    std::string client_id;
    std::optional<std::string> signer_id{};  // whom the tokens speak for
    std::string scope{"service"};            // or "credential"
    // Scope credential: the approved transaction. The access token is its SAD.
    std::optional<std::string> transaction_id{};
    TokenType token_type = TokenType::bearer;  // `sad` for scope credential in CSC v1
    // RFC 9396: a JSON array that the token response repeats, credentialID and numSignatures
    // included; empty when there is none. At most 64 KB.
    std::string authorization_details{};
    bool refresh = false;  // yields refresh tokens; never for scope credential
    // When the access token ends at the latest, e.g. the transaction's sign_by; 0: its usual life.
    std::int64_t access_until_ms = 0;
    GrantOrigin origin = GrantOrigin::authorization;
};

struct RedeemedGrant {
    Grant grant;
    std::string grant_id;  // each token of it says so, and is revoked with it
};

// How long refresh tokens of one grant follow each other.
inline constexpr std::int64_t grant_lifetime_ms = 30ll * 24 * 3600 * 1000;

// `invalid` when such a thing cannot be granted.
Result<void> check_grant(const Grant& grant);

// A row of its own id, which lives `lifetime_ms` from `now_ms` on.
store::GrantRow new_row(const Grant& grant, std::int64_t now_ms, std::int64_t lifetime_ms);
RedeemedGrant redeemed(store::GrantRow row);

}  // namespace cloudsign::oauth
