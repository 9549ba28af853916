#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/oauth/grant.h"
#include "cloudsign/oauth/revocations.h"
#include "cloudsign/oauth/token_error.h"
#include "cloudsign/store/database.h"

namespace cloudsign::oauth {

// What a code is tied to when it is made.
struct CodeBinding {
    // As the authorization request said it; the token request must repeat it exactly. None when it
    // said none.
    std::optional<std::string> redirect_uri{};
    // RFC 7636: with a challenge, the token request must bring its verifier; without, none.
    std::optional<std::string> code_challenge{};
    std::optional<std::string>
        code_challenge_method{};                  // S256; `plain`, also by default, is refused
    std::optional<std::string> key_thumbprint{};  // RFC 9449 §10: dpop_jkt, base64url
};

struct Redemption {
    std::string code;
    std::string client_id;  // authenticated
    std::optional<std::string> redirect_uri{};
    std::optional<std::string> code_verifier{};
    std::optional<std::string> key_thumbprint{};  // of the request's DPoP proof
};

// Authorization codes (RFC 6749 §4.1): single use, short-lived, stored as hashes. Any thread; a
// call may park.
class AuthorizationCodes {
public:
    static constexpr std::int64_t code_lifetime_ms = 120'000;

    AuthorizationCodes(store::Database& database, const Clock& clock, Revocations& revocations)
        : database_(database), clock_(clock), revocations_(revocations) {}

    // A code to redirect with: 43 characters of base64url. `invalid` with a detail for the client
    // when the challenge is not one of S256 ("Invalid parameter code_challenge" or
    // "Invalid parameter code_challenge_method"), a thumbprint is none, or the grant makes no
    // sense.
    Result<std::string> issue(const Grant& grant, const CodeBinding& binding);

    // Once: a code that comes again is refused, and everything it has yielded is revoked. Errors
    // are `invalid_grant` with CSC's texts. A request that fails leaves the code as it was.
    hsm::Result<RedeemedGrant, TokenError> redeem(const Redemption& redemption);

private:
    store::Database& database_;
    const Clock& clock_;
    Revocations& revocations_;
};

}  // namespace cloudsign::oauth
