#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/identity/client_registry.h"
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
};

// By secret (RFC 6749 §2.3.1), by a signed assertion (RFC 7523) or by a TLS certificate (RFC 8705
// §2): in the one way that the client is registered for. Any thread; a secret takes some 30 ms,
// right or wrong, known client or not.
class ClientAuthenticator {
public:
    // `audiences` may be named by assertions: the issuer and the token endpoint's URLs.
    ClientAuthenticator(store::Database& database,
                        const Clock& clock,
                        identity::ClientRegistry& clients,
                        std::vector<std::string> audiences)
        : database_(database), clock_(clock), clients_(clients), audiences_(std::move(audiences)) {}

    using Answer = hsm::Result<identity::ClientRegistry::Pointer, TokenError>;

    Answer authenticate(const ClientCredentials& credentials);

private:
    Answer by_secret(const std::string& client_id, std::string_view secret);
    Answer by_assertion(const ClientCredentials& credentials);
    Answer by_certificate(const ClientCredentials& credentials);
    identity::ClientRegistry::Pointer registered(const std::string& client_id,
                                                 store::TokenAuth token_auth);

    store::Database& database_;
    const Clock& clock_;
    identity::ClientRegistry& clients_;
    const std::vector<std::string> audiences_;
};

}  // namespace cloudsign::oauth
