#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/identity/client_registry.h"
#include "cloudsign/identity/login_guard.h"
#include "cloudsign/oauth/token_error.h"

namespace cloudsign::oauth {

// What a request to the authorization server says about who sends it; a form field that was absent
// is not there.
struct ClientCredentials {
    std::optional<std::string> authorization{};  // the header's value
    std::optional<std::string> client_id{};
    std::optional<std::string> client_secret{};
    std::optional<std::string> client_assertion_type{};
    std::optional<std::string> client_assertion{};
    std::optional<hsm::Digest> certificate{};  // SHA-256 of the TLS client's, DER
    std::string peer{};                        // its address: who guesses is paused
};

// By secret (RFC 6749 §2.3.1), by a signed assertion (RFC 7523), by a TLS certificate (RFC 8705
// §2), or not at all where the client is a public one: in the one way that it is registered for.
// Any thread; a secret takes some 30 ms, right or wrong, known client or not.
class ClientAuthenticator {
public:
    // `audiences` may be named by assertions: the issuer and the token endpoint's URLs.
    ClientAuthenticator(store::Database& database,
                        const Clock& clock,
                        identity::ClientRegistry& clients,
                        identity::LoginGuard& logins,
                        std::vector<std::string> audiences)
        : database_(database),
          clock_(clock),
          clients_(clients),
          logins_(logins),
          audiences_(std::move(audiences)) {}

    using Answer = hsm::Result<identity::ClientRegistry::Pointer, TokenError>;

    // Who guesses secrets is told to wait: 429.
    Answer authenticate(const ClientCredentials& credentials);

    // The signer of whom a client says that they are signed in there: the `sub` of its account
    // token (CSC v1 §8.4.1), a JWT under HS256 by the SHA-256 of its secret. A hint and no proof:
    // the signer signs in all the same. `invalid` for any other token, one older than ten minutes
    // or used before; `conflict` while the client's secret is older than this program's way to keep
    // the key (`kyso client rotate`).
    Result<std::string> signer_named(const store::Client& client, std::string_view account_token);

private:
    Answer by_secret(const std::string& client_id,
                     std::string_view secret,
                     const std::string& peer);
    Answer by_assertion(const ClientCredentials& credentials);
    Answer by_certificate(const ClientCredentials& credentials);
    Answer by_name(const ClientCredentials& credentials);
    identity::ClientRegistry::Pointer registered(const std::string& client_id,
                                                 store::TokenAuth token_auth);

    store::Database& database_;
    const Clock& clock_;
    identity::ClientRegistry& clients_;
    identity::LoginGuard& logins_;
    const std::vector<std::string> audiences_;
};

}  // namespace cloudsign::oauth
