#include "cloudsign/oauth/token_service.h"

#include <algorithm>
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

Json jwk_of(const TokenPublicKey& key) {
    return {{"alg", "ES256"},
            {"crv", "P-256"},
            {"kid", key.kid},
            {"kty", "EC"},
            {"use", "sig"},
            {"x", key.x},
            {"y", key.y}};
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

// The first part of every token of a key, with its dot.
std::string header_of(const TokenPublicKey& key) {
    const Json header = {{"alg", "ES256"}, {"kid", key.kid}, {"typ", "JWT"}};
    return base64url(hsm::view_of(header.dump())) + ".";
}

Json confirmation_json(const Confirmation& confirmation) {
    Json cnf = Json::object();
    if (confirmation.key_thumbprint) {
        cnf["jkt"] = *confirmation.key_thumbprint;
    }
    if (confirmation.certificate) {
        cnf["x5t#S256"] = *confirmation.certificate;
    }
    return cnf;
}

// What only some tokens have. False for what issue() would not have written.
bool read_extras(const Json& claims, ClientClaims& known) {
    std::size_t understood = 8;
    if (claims.contains("grant_id")) {
        known.grant_id = string_claim(claims, "grant_id").value_or("");
        ++understood;
    }
    if (claims.contains("transaction_id")) {
        known.transaction_id = string_claim(claims, "transaction_id");
        ++understood;
    }
    if (const auto cnf = claims.find("cnf"); cnf != claims.end()) {
        known.confirmation = {string_claim(*cnf, "jkt"), string_claim(*cnf, "x5t#S256")};
        ++understood;
        if (*cnf != confirmation_json(known.confirmation) || cnf->empty()) {
            return false;
        }
    }
    return claims.size() == understood && claims.contains("grant_id") != known.grant_id.empty() &&
           claims.contains("transaction_id") == known.transaction_id.has_value() &&
           (known.scope == "credential") == known.transaction_id.has_value();
}

}  // namespace

Result<std::unique_ptr<TokenService>> TokenService::create(TokenKey key,
                                                           std::vector<RetiredKey> retired,
                                                           TokenSettings settings,
                                                           const Clock& clock,
                                                           Revocations& revocations) {
    CHECK(settings.lifetime_s > 0 && settings.lifetime_s * 1000 <= access_lifetime_max_ms &&
          !settings.issuer.empty() && !settings.audience.empty());
    std::unique_ptr<TokenService> service(
        new TokenService(std::move(settings), clock, revocations));
    TRY_ASSIGN(service->keys_, make_keys(std::move(key), retired));
    TRY_ASSIGN(auto probe, service->issue({.client_id = "probe"}));
    TRY_ASSIGN(auto claims, service->read_uncached(probe.token));
    CHECK(claims.client_id == "probe");
    return service;
}

Result<std::shared_ptr<const TokenService::Keys>> TokenService::make_keys(
    TokenKey current, const std::vector<RetiredKey>& retired) {
    constexpr auto always = std::numeric_limits<std::int64_t>::max();
    std::vector<Verifier> verifiers;
    verifiers.push_back({current.public_key(), header_of(current.public_key()), always});
    for (const auto& old : retired) {
        // A rotation that was cut short leaves the key that still signs among the retired.
        if (old.key.kid != current.kid()) {
            verifiers.push_back({old.key, header_of(old.key), old.until_ms});
        }
    }
    return std::shared_ptr<const Keys>(
        std::make_shared<Keys>(Keys{std::move(current), std::move(verifiers)}));
}

std::shared_ptr<const TokenService::Keys> TokenService::keys() const {
    const std::lock_guard lock(keys_mutex_);
    return keys_;
}

Result<std::string> TokenService::rotate(TokenKeyFiles& files) {
    const std::lock_guard one_at_a_time(rotation_mutex_);
    constexpr std::int64_t margin_ms = 60'000;  // a token may be in the making
    const auto now = clock_.now_ms();
    const auto current = keys()->current.public_key();
    TRY_ASSIGN(auto fresh, files.rotate(current, now + settings_.lifetime_s * 1000 + margin_ms));
    TRY_ASSIGN(auto retired, files.retired(now));
    TRY_ASSIGN(auto next, make_keys(std::move(fresh), retired));
    const std::lock_guard lock(keys_mutex_);
    keys_ = std::move(next);
    return keys_->current.kid();
}

std::string TokenService::jwks() const {
    const auto known = keys();
    const auto now = clock_.now_ms();
    Json list = Json::array();
    for (const auto& verifier : known->verifiers) {
        if (verifier.until_ms > now) {
            list.push_back(jwk_of(verifier.key));
        }
    }
    return Json{{"keys", std::move(list)}}.dump();
}

Result<AccessToken> TokenService::issue(const TokenGrant& grant) {
    // verify() tells the two kinds apart by it.
    if (grant.signer_id == grant.client_id) {
        return Error{ErrorKind::invalid, "a signer with the id of a client"};
    }
    const auto now_s = clock_.now_ms() / 1000;
    auto life_s = settings_.lifetime_s;
    if (grant.until_ms != 0) {
        life_s = std::min(life_s, grant.until_ms / 1000 - now_s);
    }
    if (life_s <= 0) {
        return Error{ErrorKind::expired, "what was granted has expired"};
    }
    Json claims = {{"iss", settings_.issuer},
                   {"aud", settings_.audience},
                   {"sub", grant.signer_id.value_or(grant.client_id)},
                   {"client_id", grant.client_id},
                   {"iat", static_cast<std::uint64_t>(now_s)},
                   {"exp", static_cast<std::uint64_t>(now_s + life_s)},
                   {"jti", identity::new_id("at")},
                   {"scope", grant.scope}};
    if (!grant.grant_id.empty()) {
        claims["grant_id"] = grant.grant_id;
    }
    if (grant.transaction_id) {
        claims["transaction_id"] = *grant.transaction_id;
    }
    if (grant.confirmation != Confirmation()) {
        claims["cnf"] = confirmation_json(grant.confirmation);
    }
    TRY_ASSIGN(auto token, sign(keys()->current, claims));
    return AccessToken{std::move(token), life_s};
}

Result<ClientClaims> TokenService::verify(std::string_view token) {
    TRY_ASSIGN(auto claims, read(token));
    if (revocations_.contains(claims.token_id, claims.grant_id)) {
        return refused();
    }
    return claims;
}

Result<ClientClaims> TokenService::read(std::string_view token) {
    if (token.size() > token_size_max) {
        return refused();
    }
    const auto hash = sha256(token);
    const auto now_s = clock_.now_ms() / 1000;
    if (auto known = cache_.find(hash, now_s)) {
        return *std::move(known);
    }
    TRY_ASSIGN(auto claims, read_uncached(token));
    cache_.insert(hash, claims, now_s);
    return claims;
}

Result<ClientClaims> TokenService::read_uncached(std::string_view token) const {
    // Byte for byte the header of one of our keys: no other algorithm, key, type or critical
    // extension ever reaches the library.
    const auto known = keys();
    const auto now = clock_.now_ms();
    const auto verifier = std::ranges::find_if(known->verifiers, [&](const Verifier& candidate) {
        return candidate.until_ms > now && token.starts_with(candidate.header);
    });
    if (verifier == known->verifiers.end()) {
        return refused();
    }
    const auto rest = token.substr(verifier->header.size());
    const auto dot = rest.find('.');
    if (dot == std::string_view::npos) {
        return refused();
    }
    const auto payload = from_base64url(rest.substr(0, dot));
    std::array<hsm::Byte, 64> signature;  // RFC 7518 §3.4
    if (!payload || !from_base64url_into(rest.substr(dot + 1), signature) ||
        !signature_is_right(token, verifier->key.pem)) {
        return refused();
    }
    return check_claims(std::string(hsm::text_of(*payload)));
}

Result<ClientClaims> TokenService::check_claims(const std::string& payload) const {
    const auto claims = Json::parse(payload, nullptr, false);
    // What we write is sorted and compact. Anything that reads the same but is spelt otherwise,
    // a repeated claim above all, was not written by us.
    if (claims.is_discarded() || !claims.is_object()) {
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
    if (!read_extras(claims, known)) {
        return refused();
    }
    return known;
}

}  // namespace cloudsign::oauth
