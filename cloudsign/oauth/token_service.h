#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/oauth/revocations.h"
#include "cloudsign/oauth/token_cache.h"
#include "cloudsign/oauth/token_key_files.h"

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
    std::string grant_id{};
    std::optional<std::string> transaction_id{};
    Confirmation confirmation{};
    std::int64_t until_ms = 0;  // ends then at the latest; 0: no such bound
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
                                                        std::vector<RetiredKey> retired,
                                                        TokenSettings settings,
                                                        const Clock& clock,
                                                        Revocations& revocations);

    // `expired` when `until_ms` has passed.
    Result<AccessToken> issue(const TokenGrant& grant);

    // `token_expired` for a token of ours whose time is over, `unauthenticated` for anything else
    // that we did not issue: only the exact bytes that issue() could have written are a token; and
    // for one that was revoked. May park.
    Result<ClientClaims> verify(std::string_view token);
    // As verify(), of a revoked token too.
    Result<ClientClaims> read(std::string_view token);

    // From now on tokens are signed with a new key; those of the old one stay good until they
    // expire. Answers the new kid.
    Result<std::string> rotate(TokenKeyFiles& files);

    // RFC 7517 key set, JSON: the key that signs first, then those whose tokens are still about.
    std::string jwks() const;
    const TokenSettings& settings() const { return settings_; }

private:
    // A key as verify() needs it.
    struct Verifier {
        TokenPublicKey key;
        std::string header;  // first part of every token of this key, with its dot
        std::int64_t until_ms = 0;
    };
    struct Keys {
        TokenKey current;
        std::vector<Verifier> verifiers;  // the current one first
    };

    TokenService(TokenSettings settings, const Clock& clock, Revocations& revocations)
        : settings_(std::move(settings)), clock_(clock), revocations_(revocations) {}

    static Result<std::shared_ptr<const Keys>> make_keys(TokenKey current,
                                                         const std::vector<RetiredKey>& retired);
    std::shared_ptr<const Keys> keys() const;
    Result<ClientClaims> read_uncached(std::string_view token) const;
    Result<ClientClaims> check_claims(const std::string& payload) const;

    const TokenSettings settings_;
    const Clock& clock_;
    Revocations& revocations_;
    std::mutex rotation_mutex_;
    mutable std::mutex keys_mutex_;
    std::shared_ptr<const Keys> keys_;
    TokenCache cache_;
};

}  // namespace cloudsign::oauth
