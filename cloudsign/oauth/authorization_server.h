#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/oauth/authorization_codes.h"
#include "cloudsign/oauth/client_authentication.h"
#include "cloudsign/oauth/dpop.h"
#include "cloudsign/oauth/refresh_tokens.h"
#include "cloudsign/oauth/token_error.h"
#include "cloudsign/oauth/token_service.h"

namespace cloudsign::oauth {

// The form fields and headers of a token request (RFC 6749, CSC v1.0.4.0 §8.3.3), decoded; a field
// that was absent is not there.
struct TokenRequest {
    ClientCredentials client;
    std::optional<std::string> grant_type{};
    std::optional<std::string> scope{};
    std::optional<std::string> code{};
    std::optional<std::string> redirect_uri{};
    std::optional<std::string> code_verifier{};
    std::optional<std::string> refresh_token{};
    std::optional<std::string> dpop_proof{};
    std::vector<std::string> urls{};  // what this request's own URL may be called
};

struct TokenResponse {
    std::string access_token;
    std::string token_type = "Bearer";  // or SAD, or DPoP
    std::int64_t expires_in_s = 0;
    std::string scope = "service";
    std::optional<std::string> refresh_token{};
    std::string authorization_details{};  // a JSON array, or empty
};

// RFC 8414 §2, for server/api to write as JSON.
struct Metadata {
    std::string issuer;
    std::string token_endpoint;
    std::string jwks_uri;
    std::string revocation_endpoint;
    std::string authorization_endpoint;
    std::string pushed_authorization_request_endpoint;
    std::vector<std::string> code_challenge_methods_supported;
    std::vector<std::string> authorization_details_types_supported;
    std::vector<std::string> grant_types_supported;
    std::vector<std::string> scopes_supported;
    std::vector<std::string> token_endpoint_auth_methods_supported;
    std::vector<std::string> token_endpoint_auth_signing_alg_values_supported;
    std::vector<std::string> dpop_signing_alg_values_supported;
    std::vector<std::string> response_types_supported;
    // RFC 8705 §5: where TLS asks for the client's certificate.
    std::string mtls_token_endpoint;
    std::string mtls_revocation_endpoint;
    std::string mtls_pushed_authorization_request_endpoint;
};

// Where the server is called; without final slashes.
struct Bases {
    std::string api;
    std::string login;
    std::string mtls;  // empty: there is none
};

// What clients call: tokens, and their end. Blocks some 30 ms on a client's secret.
class AuthorizationServer {
public:
    AuthorizationServer(ClientAuthenticator& authenticator,
                        TokenService& tokens,
                        AuthorizationCodes& codes,
                        RefreshTokens& refresh_tokens,
                        Revocations& revocations,
                        DpopVerifier& dpop)
        : authenticator_(authenticator),
          tokens_(tokens),
          codes_(codes),
          refresh_tokens_(refresh_tokens),
          revocations_(revocations),
          dpop_(dpop) {}

    hsm::Result<TokenResponse, TokenError> token(const TokenRequest& request);

    // Who sends a request to one of the authorization server's endpoints.
    ClientAuthenticator::Answer authenticate(const ClientCredentials& credentials) {
        return authenticator_.authenticate(credentials);
    }

    // ClientAuthenticator::signer_named.
    Result<std::string> signer_named(const store::Client& client, std::string_view account_token) {
        return authenticator_.signer_named(client, account_token);
    }

    // Without a request to the token endpoint (auth/login of CSC v1 and of RSSP): tokens for what
    // was granted, with a refresh token if it allows one; and new ones for that, and for no other.
    // Nobody has authenticated then: whether session_of() may still log in there is the caller's to
    // ask. `proof_version` is that of the row whose password was right.
    hsm::Result<TokenResponse, TokenError> start_session(const Grant& grant,
                                                         std::int64_t proof_version);
    Result<std::optional<Grant>> session_of(const std::string& refresh_token) {
        return refresh_tokens_.grant_of(refresh_token);
    }
    hsm::Result<TokenResponse, TokenError> refresh_session(const std::string& refresh_token,
                                                           GrantOrigin at);

    // Every token of the sessions of a person at a portal.
    Result<void> end_sessions(const std::string& client_id, const std::string& signer_id) {
        return revocations_.revoke_logins(client_id, signer_id);
    }

    // Ends an access token, or a refresh token with all that came of its grant (RFC 7009; CSC v1
    // §11.3). `unknown`, with nothing done, for what is no token of this client.
    enum class Revoked { done, unknown };
    Result<Revoked> revoke(const std::string& client_id, const std::string& token);

    Metadata metadata(const Bases& bases) const;

private:
    using Answer = hsm::Result<TokenResponse, TokenError>;

    hsm::Result<Confirmation, TokenError> confirmation(const TokenRequest& request,
                                                       const store::Client& client);
    Answer by_client(const store::Client& client, const Confirmation& confirmation);
    Answer by_code(const TokenRequest& request,
                   const store::Client& client,
                   const Confirmation& confirmation);
    Answer by_refresh_token(const RefreshTokens::Presented& presented,
                            const Confirmation& confirmation);
    Answer answer(const RedeemedGrant& redeemed,
                  const Confirmation& confirmation,
                  std::optional<std::string> refresh_token);

    ClientAuthenticator& authenticator_;
    TokenService& tokens_;
    AuthorizationCodes& codes_;
    RefreshTokens& refresh_tokens_;
    Revocations& revocations_;
    DpopVerifier& dpop_;
};

}  // namespace cloudsign::oauth
