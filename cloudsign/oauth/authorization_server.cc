#include "cloudsign/oauth/authorization_server.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "hsm/base/hex.h"

namespace cloudsign::oauth {
namespace {

struct Credentials {
    std::string client_id;
    std::string client_secret;
};

TokenError bad_request(std::string description) {
    return {TokenErrorCode::invalid_request, 400, std::move(description)};
}

TokenError bad_client(std::string description) {
    return {TokenErrorCode::invalid_client, 401, std::move(description)};
}

// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
std::optional<std::string> form_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            decoded += ' ';
            continue;
        }
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        int value = 0;
        for (int digit = 0; digit < 2; ++digit) {
            const int digit_value = hsm::hex_value(++i < text.size() ? text[i] : ' ');
            if (digit_value < 0) {
                return std::nullopt;
            }
            value = value << 4 | digit_value;
        }
        decoded += static_cast<char>(value);
    }
    return decoded;
}

bool starts_with_basic(std::string_view header) {
    constexpr std::string_view scheme = "basic ";
    return header.size() > scheme.size() &&
           std::ranges::equal(header.substr(0, scheme.size()), scheme, [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
           });
}

std::optional<Credentials> basic_credentials(std::string_view header) {
    if (!starts_with_basic(header)) {
        return std::nullopt;
    }
    const auto decoded = from_base64(header.substr(6));
    if (!decoded) {
        return std::nullopt;
    }
    const auto text = hsm::text_of(*decoded);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    auto id = form_decoded(text.substr(0, colon));
    auto secret = form_decoded(text.substr(colon + 1));
    if (!id || !secret || id->empty()) {
        return std::nullopt;
    }
    return Credentials{*std::move(id), *std::move(secret)};
}

hsm::Result<Credentials, TokenError> credentials_of(const TokenRequest& request) {
    if (request.authorization) {
        auto basic = basic_credentials(*request.authorization);
        if (!basic) {
            return bad_client("Invalid authorization header");
        }
        // RFC 6749 §2.3: one method in a request.
        if (request.client_secret) {
            return bad_request("Invalid parameter client_secret");
        }
        if (request.client_id && *request.client_id != basic->client_id) {
            return bad_request("Invalid parameter client_id");
        }
        return *std::move(basic);
    }
    if (!request.client_id) {
        return bad_request("Missing parameter client_id");
    }
    if (!request.client_secret) {
        return bad_client("Client authorization required");
    }
    return Credentials{*request.client_id, *request.client_secret};
}

}  // namespace

hsm::Result<TokenResponse, TokenError> AuthorizationServer::token(const TokenRequest& request) {
    if (!request.grant_type) {
        return bad_request("Missing parameter grant_type");
    }
    if (*request.grant_type != "client_credentials") {
        return TokenError{
            TokenErrorCode::unsupported_grant_type, 400, "Invalid parameter grant_type"};
    }
    if (request.scope && !request.scope->empty() && *request.scope != "service") {
        return TokenError{TokenErrorCode::invalid_scope, 400, "Invalid parameter scope"};
    }
    TRY_ASSIGN(auto credentials, credentials_of(request));
    const auto client = clients_.authenticate(credentials.client_id, credentials.client_secret);
    if (!client && client.error().kind == ErrorKind::unauthenticated) {
        return bad_client("Invalid parameter client_secret");
    }
    if (!client) {
        return TokenError{TokenErrorCode::server_error, 503, client.error().detail};
    }
    auto issued = tokens_.issue({.client_id = client->id});
    if (!issued) {
        return TokenError{TokenErrorCode::server_error, 500, issued.error().detail};
    }
    TokenResponse response;
    response.access_token = std::move(issued->token);
    response.expires_in_s = issued->expires_in_s;
    return response;
}

Metadata AuthorizationServer::metadata(const std::string& base) const {
    Metadata metadata;
    metadata.issuer = tokens_.settings().issuer;
    metadata.token_endpoint = base + "/oauth2/token";
    metadata.jwks_uri = base + "/oauth2/jwks";
    metadata.grant_types_supported = {"client_credentials"};
    metadata.scopes_supported = {"service"};
    metadata.token_endpoint_auth_methods_supported = {"client_secret_basic", "client_secret_post"};
    return metadata;
}

}  // namespace cloudsign::oauth
