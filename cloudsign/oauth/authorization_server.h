#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/identity/client_registry.h"
#include "cloudsign/oauth/token_error.h"
#include "cloudsign/oauth/token_service.h"

namespace cloudsign::oauth {

// The form fields and the Authorization header of a token request (RFC 6749 §4.4, CSC v1.0.4.0
// §8.3.3), decoded; a field that was absent is not there.
struct TokenRequest {
    std::optional<std::string> grant_type;
    std::optional<std::string> client_id;
    std::optional<std::string> client_secret;
    std::optional<std::string> scope;
    std::optional<std::string> authorization;  // the header's value
};

struct TokenResponse {
    std::string access_token;
    std::string token_type = "Bearer";
    std::int64_t expires_in_s = 0;
    std::string scope = "service";
};

// RFC 8414 §2, for server/api to write as JSON.
struct Metadata {
    std::string issuer;
    std::string token_endpoint;
    std::string jwks_uri;
    std::vector<std::string> grant_types_supported;
    std::vector<std::string> scopes_supported;
    std::vector<std::string> token_endpoint_auth_methods_supported;
    std::vector<std::string> response_types_supported;  // required by §2; none without a code flow
};

// The client credentials grant. Blocks some 30 ms on the client's secret.
class AuthorizationServer {
public:
    AuthorizationServer(identity::ClientRegistry& clients, TokenService& tokens)
        : clients_(clients), tokens_(tokens) {}

    hsm::Result<TokenResponse, TokenError> token(const TokenRequest& request);

    // `base` is the issuer's URL without a final slash.
    Metadata metadata(const std::string& base) const;

private:
    identity::ClientRegistry& clients_;
    TokenService& tokens_;
};

}  // namespace cloudsign::oauth
