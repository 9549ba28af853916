#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cloudsign::oauth {

// Who alone may use a token (RFC 7800 cnf): whoever proves to hold the key. Base64url SHA-256.
struct Confirmation {
    std::optional<std::string> key_thumbprint{};  // jkt: a DPoP proof (RFC 9449 §6)
    std::optional<std::string> certificate{};     // x5t#S256: a TLS client certificate (RFC 8705)

    friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

// What a verified token says.
struct ClientClaims {
    std::string client_id;
    std::optional<std::string> signer_id;  // whom the token speaks for; none: the client itself
    std::string scope;
    std::string token_id;
    std::int64_t expires_at_s = 0;
    std::string grant_id;                       // empty: of no grant
    std::optional<std::string> transaction_id;  // scope credential: the token is its SAD
    Confirmation confirmation;
};

}  // namespace cloudsign::oauth
