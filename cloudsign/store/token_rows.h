#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hsm/base/bytes.h"

// The rows of migrations/0006_tokens.sql and 0010_renewal.sql. Times are milliseconds UTC.
namespace cloudsign::store {

enum class TokenType { bearer, sad };

// The authorization endpoint, where the client authenticates to have tokens; or CSC v1 auth/login
// or that of RSSP, where a refresh token says by itself who sends it.
enum class GrantOrigin { authorization, login, rssp };

struct GrantRow {
    std::string id;
    std::string client_id;
    std::optional<std::string> signer_id;
    std::string scope;
    std::optional<std::string> transaction_id;
    TokenType token_type = TokenType::bearer;
    std::string authorization_details;
    bool refresh = false;
    std::int64_t access_until = 0;
    std::int64_t expires_at = 0;
    bool revoked = false;
    GrantOrigin origin = GrantOrigin::authorization;
};

struct AuthorizationCodeRow {
    hsm::Digest code_hash{};
    std::string grant_id;
    std::optional<std::string> redirect_uri;
    std::optional<hsm::Digest> code_challenge;
    std::optional<hsm::Digest> key_thumbprint;
    std::int64_t expires_at = 0;
    bool used = false;
};

struct RefreshTokenRow {
    hsm::Digest token_hash{};
    std::string grant_id;
    bool used = false;
    std::int64_t proof_version =
        0;  // of the client, or of the person's login, that it was given to
};

}  // namespace cloudsign::store
