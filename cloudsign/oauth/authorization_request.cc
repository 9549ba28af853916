#include "cloudsign/oauth/authorization_request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "cloudsign/base64.h"
#include "hsm/base/bytes.h"

namespace cloudsign::oauth {
namespace {

constexpr std::size_t state_size_max = 255;
constexpr std::size_t client_data_size_max = 4096;
constexpr std::size_t language_size_max = 35;
constexpr std::size_t text_size_max = 4096;

constexpr std::string_view names[] = {
    "account_token",
    "authorization_details",
    "clientData",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "credentialID",
    "description",
    "dpop_jkt",
    "hash",
    "hashAlgorithmOID",
    "hashes",
    "lang",
    "numSignatures",
    "prompt",
    "redirect_uri",
    "request",
    "response_mode",
    "response_type",
    "scope",
    "signAlgo",
    "signAlgoParams",
    "signatureQualifier",
    "state",
};

AuthorizationError bad(std::string description) {
    return {"invalid_request", std::move(description)};
}
AuthorizationError invalid(std::string_view name) {
    return bad("Invalid parameter " + std::string(name));
}

std::optional<std::string> find(const RequestParameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::nullopt : std::optional(found->second);
}

Authorized<std::optional<std::string>> bounded(const RequestParameters& parameters,
                                               std::string_view name,
                                               std::size_t size_max) {
    auto value = find(parameters, name);
    if (value && value->size() > size_max) {
        return invalid(name);
    }
    return value;
}

// base64url of a SHA-256.
bool is_digest(std::string_view text) {
    hsm::Digest digest{};
    return from_base64url_into(text, digest);
}

Authorized<void> read_proof_key(const store::Client& client,
                                const RequestParameters& parameters,
                                AuthorizationRequest& request) {
    request.code_challenge = find(parameters, "code_challenge");
    request.code_challenge_method = find(parameters, "code_challenge_method");
    if (!request.code_challenge) {
        if (request.code_challenge_method) {
            return invalid("code_challenge_method");
        }
        return client.settings.pkce_optional ? Authorized<void>()
                                             : bad("Missing parameter code_challenge");
    }
    // Absent, it would mean "plain" (RFC 7636 §4.3), which protects against nobody who has read
    // the request.
    if (request.code_challenge_method != "S256") {
        return invalid("code_challenge_method");
    }
    if (!is_digest(*request.code_challenge)) {
        return invalid("code_challenge");
    }
    return {};
}

Authorized<std::vector<Bytes>> read_hashes(std::string_view list, std::string_view name) {
    std::vector<Bytes> hashes;
    while (!list.empty()) {
        const auto text = list.substr(0, list.find(','));
        list.remove_prefix(std::min(text.size() + 1, list.size()));
        auto hash = text.empty() ? std::nullopt : read_hash(text);
        if (!hash) {
            return bad("Invalid Base64 " + std::string(name) + " string parameter");
        }
        hashes.push_back(*std::move(hash));
    }
    return hashes;
}

Authorized<SigningWish> read_wish(const RequestParameters& parameters) {
    constexpr std::array<std::string_view, 5> own = {
        "credentialID", "numSignatures", "hash", "hashes", "hashAlgorithmOID"};
    if (const auto details = find(parameters, "authorization_details")) {
        // Two descriptions of what is signed could differ.
        if (std::ranges::any_of(own, [&](auto name) { return parameters.contains(name); })) {
            return invalid("authorization_details");
        }
        return read_authorization_details(*details);
    }
    SigningWish wish;
    const auto v1_list = find(parameters, "hash");
    const auto v2_list = find(parameters, "hashes");
    if (v1_list && v2_list) {
        return invalid("hashes");
    }
    wish.is_v1 = v1_list.has_value();
    const std::string_view name = wish.is_v1 ? "hash" : "hashes";
    if (!v1_list && !v2_list) {
        return bad("Missing (or invalid type) array parameter " + std::string(name));
    }
    TRY_ASSIGN(wish.hashes, read_hashes(wish.is_v1 ? *v1_list : *v2_list, name));
    wish.credential_id = find(parameters, "credentialID");
    wish.signature_qualifier = find(parameters, "signatureQualifier");
    wish.hash_algorithm = find(parameters, "hashAlgorithmOID");
    if (!wish.credential_id && !wish.signature_qualifier) {
        return bad("Missing (or invalid type) string parameter credentialID");
    }
    if (const auto text = find(parameters, "numSignatures")) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
        if (error == std::errc() && end == text->data() + text->size()) {
            wish.signature_count = count;
        }
    }
    if (!wish.signature_count) {
        return bad("Missing (or invalid type) integer parameter numSignatures");
    }
    return wish;
}

Authorized<void> read_scope(const RequestParameters& parameters, AuthorizationRequest& request) {
    const auto details = parameters.contains("authorization_details");
    const auto scope = find(parameters, "scope").value_or(details ? "credential" : "service");
    // "never both" (CSC v1 §8.3.2), and nothing else.
    if (scope != "service" && scope != "credential") {
        return AuthorizationError{"invalid_scope", "Invalid parameter scope"};
    }
    if (scope == "service") {
        return details ? Authorized<void>(
                             AuthorizationError{"invalid_scope", "Invalid parameter scope"})
                       : Authorized<void>();
    }
    TRY_ASSIGN(request.signing, read_wish(parameters));
    TRY_ASSIGN(request.signing->sign_algorithm, bounded(parameters, "signAlgo", text_size_max));
    TRY_ASSIGN(request.signing->sign_algorithm_parameters,
               bounded(parameters, "signAlgoParams", text_size_max));
    return {};
}

// What the pages look like, and whether a session of before will do.
Authorized<void> read_presentation(const RequestParameters& parameters,
                                   AuthorizationRequest& request) {
    TRY_ASSIGN(auto language, bounded(parameters, "lang", language_size_max));
    if (language && (*language == "en" || language->starts_with("en-"))) {
        request.language = PageLanguage::en;
    }
    const auto prompt = find(parameters, "prompt");
    if (prompt && *prompt != "login" && *prompt != "consent") {
        // "none" wants an answer without the signer, which is never given.
        return *prompt == "none"
                   ? AuthorizationError{"interaction_required", "The signer has to be asked"}
                   : invalid("prompt");
    }
    request.asks_for_sign_in = prompt == "login";
    return {};
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "-._~";
    std::string encoded;
    for (const auto c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

}  // namespace

bool is_request_parameter(std::string_view name) {
    return std::ranges::binary_search(names, name);
}

Authorized<std::string> find_redirect_uri(const store::Client& client,
                                          const RequestParameters& parameters) {
    const auto& registered = client.settings.redirect_uris;
    const auto wanted = find(parameters, "redirect_uri");
    if (!wanted) {
        // RFC 6749 §3.1.2.3: it may be left out where there is no choice.
        if (registered.size() != 1) {
            return bad("Missing parameter redirect_uri");
        }
        return registered.front();
    }
    if (std::ranges::find(registered, *wanted) == registered.end()) {
        return invalid("redirect_uri");
    }
    return *wanted;
}

std::optional<std::string> returned_state(const RequestParameters& parameters) {
    auto state = find(parameters, "state");
    return state && state->size() <= state_size_max ? state : std::nullopt;
}

Authorized<AuthorizationRequest> read_authorization_request(const store::Client& client,
                                                            const RequestParameters& parameters) {
    AuthorizationRequest request;
    TRY_ASSIGN(request.redirect_uri, find_redirect_uri(client, parameters));
    request.names_redirect_uri = parameters.contains("redirect_uri");
    TRY_ASSIGN(request.state, bounded(parameters, "state", state_size_max));
    if (!client.settings.csc) {
        return AuthorizationError{"unauthorized_client", "The client may not use this API"};
    }
    const auto response_type = find(parameters, "response_type");
    if (!response_type) {
        return bad("Missing parameter response_type");
    }
    if (*response_type != "code") {
        return AuthorizationError{"unsupported_response_type", "Invalid parameter response_type"};
    }
    if (parameters.contains("request")) {
        return AuthorizationError{"request_not_supported", "Invalid parameter request"};
    }
    if (find(parameters, "response_mode").value_or("query") != "query") {
        return invalid("response_mode");
    }
    TRY(read_proof_key(client, parameters, request));
    request.key_thumbprint = find(parameters, "dpop_jkt");
    if (request.key_thumbprint && !is_digest(*request.key_thumbprint)) {
        return invalid("dpop_jkt");
    }
    TRY_ASSIGN(request.client_data, bounded(parameters, "clientData", client_data_size_max));
    request.description = find(parameters, "description").value_or("");
    TRY(bounded(parameters, "account_token", text_size_max));
    request.account = find(parameters, account_parameter);
    TRY(read_presentation(parameters, request));
    TRY(read_scope(parameters, request));
    return request;
}

std::string with_parameters(const std::string& uri,
                            const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string whole = uri;
    char separator = uri.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : parameters) {
        whole += separator + percent_encoded(name) + '=' + percent_encoded(value);
        separator = '&';
    }
    return whole;
}

}  // namespace cloudsign::oauth
