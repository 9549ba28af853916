#include "cloudsign/oauth/token_service.h"

#include <array>
#include <jwt/jwt.hpp>
#include <limits>
#include <system_error>

#include "cloudsign/base64.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/sha256.h"

namespace cloudsign::oauth {
namespace {

using Json = nlohmann::json;

constexpr std::size_t token_size_max = 2048;

std::string key_set(const TokenKey& key) {
    const Json set = {{"keys",
                       {{{"alg", "ES256"},
                         {"crv", "P-256"},
                         {"kid", key.kid()},
                         {"kty", "EC"},
                         {"use", "sig"},
                         {"x", key.x()},
                         {"y", key.y()}}}}};
    return set.dump();
}

Error refused() {
    return {ErrorKind::unauthenticated, "The access token is invalid"};
}

Error failed() {
    return {ErrorKind::internal, "the token key does not sign"};
}

// The library parses the key at each call, and throws for many reasons.
Result<std::string> sign(const TokenKey& key, const Json& claims) {
    try {
        jwt::jwt_object token{jwt::params::algorithm("ES256"),
                              jwt::params::secret(key.private_pem())};
        token.header().add_header("kid", key.kid());
        for (const auto& [name, value] : claims.items()) {
            token.payload().add_claim(name, value);
        }
        std::error_code error;
        auto text = token.signature(error);
        if (error) {
            return failed();
        }
        return text;
    } catch (const std::exception&) {
        return failed();
    }
}

// True when the signature is right. Its own look at the time uses the system's clock and comes
// before the signature: the widest leeway leaves that decision to check_claims().
bool signature_is_right(std::string_view token, const std::string& public_pem) {
    try {
        std::error_code error;
        static_cast<void>(
            jwt::decode(jwt::string_view(token.data(), token.size()),
                        jwt::params::algorithms({"ES256"}),
                        error,
                        jwt::params::verify(true),
                        jwt::params::leeway(std::numeric_limits<std::uint32_t>::max()),
                        jwt::params::secret(public_pem)));
        return !error;
    } catch (...) {
        return false;
    }
}

std::optional<std::string> string_claim(const Json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_string()) {
        return std::nullopt;
    }
    return found->get<std::string>();
}

std::optional<std::int64_t> time_claim(const Json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_number_unsigned()) {
        return std::nullopt;
    }
    const auto seconds = found->get<std::uint64_t>();
    constexpr std::uint64_t far_future_s = 1ull << 40;
    if (seconds > far_future_s) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(seconds);
}

}  // namespace

TokenService::TokenService(TokenKey key, TokenSettings settings, const Clock& clock)
    : key_(std::move(key)), settings_(std::move(settings)), clock_(clock), jwks_(key_set(key_)) {}

Result<std::unique_ptr<TokenService>> TokenService::create(TokenKey key,
                                                           TokenSettings settings,
                                                           const Clock& clock) {
    CHECK(settings.lifetime_s > 0 && !settings.issuer.empty() && !settings.audience.empty());
    std::unique_ptr<TokenService> service(
        new TokenService(std::move(key), std::move(settings), clock));
    TRY_ASSIGN(auto probe, service->issue({.client_id = "probe"}));
    service->header_ = probe.token.substr(0, probe.token.find('.') + 1);
    TRY_ASSIGN(auto claims, service->verify_uncached(probe.token));
    CHECK(claims.client_id == "probe");
    return service;
}

Result<AccessToken> TokenService::issue(const TokenGrant& grant) {
    // verify() tells the two kinds apart by it.
    if (grant.signer_id == grant.client_id) {
        return Error{ErrorKind::invalid, "a signer with the id of a client"};
    }
    const auto now_s = clock_.now_ms() / 1000;
    const Json claims = {{"iss", settings_.issuer},
                         {"aud", settings_.audience},
                         {"sub", grant.signer_id.value_or(grant.client_id)},
                         {"client_id", grant.client_id},
                         {"iat", static_cast<std::uint64_t>(now_s)},
                         {"exp", static_cast<std::uint64_t>(now_s + settings_.lifetime_s)},
                         {"jti", identity::new_id("at")},
                         {"scope", grant.scope}};
    TRY_ASSIGN(auto token, sign(key_, claims));
    return AccessToken{std::move(token), settings_.lifetime_s};
}

Result<ClientClaims> TokenService::verify(std::string_view token) {
    if (token.size() > token_size_max) {
        return refused();
    }
    const auto hash = sha256(token);
    const auto now_s = clock_.now_ms() / 1000;
    if (auto known = cache_.find(hash, now_s)) {
        return *std::move(known);
    }
    TRY_ASSIGN(auto claims, verify_uncached(token));
    cache_.insert(hash, claims, now_s);
    return claims;
}

Result<ClientClaims> TokenService::verify_uncached(std::string_view token) const {
    // Byte for byte our own header: no other algorithm, key, type or critical extension ever
    // reaches the library.
    if (!token.starts_with(header_)) {
        return refused();
    }
    const auto rest = token.substr(header_.size());
    const auto dot = rest.find('.');
    if (dot == std::string_view::npos) {
        return refused();
    }
    const auto payload = from_base64url(rest.substr(0, dot));
    std::array<hsm::Byte, 64> signature;  // RFC 7518 §3.4
    if (!payload || !from_base64url_into(rest.substr(dot + 1), signature) ||
        !signature_is_right(token, key_.public_pem())) {
        return refused();
    }
    return check_claims(std::string(hsm::text_of(*payload)));
}

Result<ClientClaims> TokenService::check_claims(const std::string& payload) const {
    const auto claims = Json::parse(payload, nullptr, false);
    // What we write is sorted and compact. Anything that reads the same but is spelt otherwise,
    // a repeated claim above all, was not written by us.
    if (claims.is_discarded() || !claims.is_object() || claims.size() != 8) {
        return refused();
    }
    const auto spelt = claims.dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto issued_at = time_claim(claims, "iat");
    const auto expires_at = time_claim(claims, "exp");
    auto subject = string_claim(claims, "sub");
    auto client_id = string_claim(claims, "client_id");
    auto scope = string_claim(claims, "scope");
    auto token_id = string_claim(claims, "jti");
    if (spelt != payload || string_claim(claims, "iss") != settings_.issuer ||
        string_claim(claims, "aud") != settings_.audience || !scope || scope->empty() ||
        !issued_at || !expires_at || !subject || subject->empty() || !client_id ||
        client_id->empty() || !token_id || token_id->empty()) {
        return refused();
    }
    constexpr std::int64_t clock_skew_s = 60;  // between servers that share the key
    const auto now_s = clock_.now_ms() / 1000;
    if (*issued_at > now_s + clock_skew_s || *expires_at <= *issued_at) {
        return refused();
    }
    if (*expires_at <= now_s) {
        return Error{ErrorKind::token_expired, "The access token has expired"};
    }
    ClientClaims known;
    if (*subject != *client_id) {
        known.signer_id = *std::move(subject);
    }
    known.client_id = *std::move(client_id);
    known.scope = *std::move(scope);
    known.token_id = *std::move(token_id);
    known.expires_at_s = *expires_at;
    return known;
}

}  // namespace cloudsign::oauth
