#include "cloudsign/oauth/client_authentication.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/oauth/account_token.h"
#include "cloudsign/oauth/client_assertion.h"
#include "cloudsign/store/token_table.h"
#include "hsm/base/hex.h"

namespace cloudsign::oauth {
namespace {

using identity::ClientRegistry;
using store::TokenAuth;

struct NameAndSecret {
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

std::optional<NameAndSecret> basic_pair(std::string_view header) {
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
    return NameAndSecret{*std::move(id), *std::move(secret)};
}

}  // namespace

ClientAuthenticator::Answer ClientAuthenticator::authenticate(
    const ClientCredentials& credentials) {
    const bool by_jwt = credentials.client_assertion || credentials.client_assertion_type;
    if (credentials.authorization) {
        auto basic = basic_pair(*credentials.authorization);
        if (!basic) {
            return bad_client("Invalid authorization header");
        }
        // RFC 6749 §2.3: one method in a request.
        if (credentials.client_secret) {
            return bad_request("Invalid parameter client_secret");
        }
        if (by_jwt) {
            return bad_request("Invalid parameter client_assertion");
        }
        if (credentials.client_id && *credentials.client_id != basic->client_id) {
            return bad_request("Invalid parameter client_id");
        }
        return by_secret(basic->client_id, basic->client_secret, credentials.peer);
    }
    if (by_jwt) {
        return by_assertion(credentials);
    }
    if (!credentials.client_id) {
        return bad_request("Missing parameter client_id");
    }
    if (credentials.client_secret) {
        return by_secret(*credentials.client_id, *credentials.client_secret, credentials.peer);
    }
    return by_name(credentials);
}

ClientAuthenticator::Answer ClientAuthenticator::by_secret(const std::string& client_id,
                                                           std::string_view secret,
                                                           const std::string& peer) {
    if (const auto may_try = logins_.check(client_id, peer); !may_try) {
        return failure_of(may_try.error());
    }
    auto client = clients_.authenticate(client_id, secret);
    if (!client && client.error().kind != ErrorKind::unauthenticated) {
        return failure_of(client.error());
    }
    // A client that is registered for something better does not fall back to its secret.
    if (!client || client->settings.token_auth != TokenAuth::client_secret) {
        const auto wrong = bad_client("Invalid parameter client_secret");
        return logins_.failed(client_id, peer) ? with_event(wrong, "secrets are guessed", client_id)
                                               : wrong;
    }
    logins_.succeeded(client_id, peer);
    return ClientRegistry::Pointer(std::make_shared<const store::Client>(*std::move(client)));
}

// Null when it is unknown, disabled, or registered for another way.
ClientRegistry::Pointer ClientAuthenticator::registered(const std::string& client_id,
                                                        TokenAuth token_auth) {
    auto client = clients_.find(client_id);
    if (!client || (*client)->status != store::ClientStatus::active ||
        (*client)->settings.token_auth != token_auth) {
        return nullptr;
    }
    return *std::move(client);
}

ClientAuthenticator::Answer ClientAuthenticator::by_assertion(
    const ClientCredentials& credentials) {
    const auto refused = bad_client("Invalid parameter client_assertion");
    if (credentials.client_assertion_type != jwt_bearer_assertion) {
        return bad_request("Invalid parameter client_assertion_type");
    }
    if (!credentials.client_assertion) {
        return bad_request("Missing parameter client_assertion");
    }
    if (credentials.client_secret) {
        return bad_request("Invalid parameter client_secret");
    }
    const auto named = client_named_in(*credentials.client_assertion);
    if (!named) {
        return refused;
    }
    if (credentials.client_id && *credentials.client_id != *named) {
        return bad_request("Invalid parameter client_id");
    }
    auto client = registered(*named, TokenAuth::private_key_jwt);
    if (!client) {
        return refused;
    }
    const auto checked = check_client_assertion(*credentials.client_assertion,
                                                client->id,
                                                client->settings.jwks,
                                                audiences_,
                                                clock_.now_ms());
    if (!checked) {
        return refused;
    }
    const auto first = database_.write([&](store::Session& session) {
        return store::TokenTable(session).use_assertion(checked->id, checked->expires_at_ms);
    });
    if (!first) {
        return failure_of(first.error());
    }
    if (!*first) {
        return with_event(refused, "client assertion used again", client->id);
    }
    return client;
}

// The certificate is the registered one: whoever signed it is not asked. TLS has proved that the
// peer has its key.
ClientAuthenticator::Answer ClientAuthenticator::by_certificate(
    const ClientCredentials& credentials) {
    if (!credentials.certificate) {
        return bad_client("Client authorization required");
    }
    auto client = registered(*credentials.client_id, TokenAuth::tls_client_auth);
    if (!client ||
        std::ranges::find(client->settings.certificates_sha256, hex(*credentials.certificate)) ==
            client->settings.certificates_sha256.end()) {
        return bad_client("Client authorization required");
    }
    return client;
}

// It proves nothing here: that the codes it presents are its own, PKCE proves. The same secret-less
// request comes from a client that signs in by certificate.
ClientAuthenticator::Answer ClientAuthenticator::by_name(const ClientCredentials& credentials) {
    auto client = registered(*credentials.client_id, TokenAuth::none);
    return client ? Answer(std::move(client)) : by_certificate(credentials);
}

Result<std::string> ClientAuthenticator::signer_named(const store::Client& client,
                                                      std::string_view account_token) {
    if (!client.account_token_key) {
        return Error{ErrorKind::conflict, "the client has to be given a new secret first"};
    }
    TRY_ASSIGN(
        auto read,
        read_account_token(account_token, client.id, *client.account_token_key, clock_.now_ms()));
    TRY_ASSIGN(auto first, database_.write([&](store::Session& session) {
        return store::TokenTable(session).use_assertion(read.id, read.expires_at_ms);
    }));
    if (!first) {
        return Error{ErrorKind::invalid, "it was used before"};
    }
    return std::move(read.signer_id);
}

}  // namespace cloudsign::oauth
