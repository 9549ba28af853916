#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/oauth/token_cache.h"
#include "cloudsign/oauth/token_key.h"

namespace cloudsign::oauth {

struct TokenSettings {
    std::string issuer;    // our base URL, as RFC 8414 names it
    std::string audience;  // who takes the tokens: the CSC API
    std::int64_t lifetime_s = 3600;
};

// What a token allows, to whom.
struct TokenGrant {
    std::string client_id;
    std::optional<std::string> signer_id{};  // user-specific (CSC v1 §11.4): that signer's alone
    std::string scope{"service"};
};

struct AccessToken {
    std::string token;
    std::int64_t expires_in_s = 0;
};

// Access tokens: JWTs (RFC 9068 without its typ, which cpp-jwt does not take), ES256 and nothing
// else. `sub` is the signer, or the client where there is none. Any thread.
class TokenService {
public:
    // `internal` when the key cannot be used for a token.
    static Result<std::unique_ptr<TokenService>> create(TokenKey key,
                                                        TokenSettings settings,
                                                        const Clock& clock);

    Result<AccessToken> issue(const TokenGrant& grant);

    // `token_expired` for a token of ours whose time is over, `unauthenticated` for anything else
    // that we did not issue: only the exact bytes that issue() could have written are a token.
    Result<ClientClaims> verify(std::string_view token);

    // RFC 7517 key set, JSON.
    const std::string& jwks() const { return jwks_; }
    const TokenSettings& settings() const { return settings_; }

private:
    TokenService(TokenKey key, TokenSettings settings, const Clock& clock);

    Result<ClientClaims> verify_uncached(std::string_view token) const;
    Result<ClientClaims> check_claims(const std::string& payload) const;

    const TokenKey key_;
    const TokenSettings settings_;
    const Clock& clock_;
    const std::string jwks_;
    std::string header_;  // first part of every token of this key, with its dot
    TokenCache cache_;
};

}  // namespace cloudsign::oauth
