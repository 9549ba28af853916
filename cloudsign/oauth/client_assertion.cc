#include "cloudsign/oauth/client_assertion.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/jose/compact_jws.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"

namespace cloudsign::oauth {
namespace {

constexpr std::int64_t clock_skew_s = 30;
constexpr std::int64_t life_max_s = 600;
constexpr std::size_t token_id_size_max = 256;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// An audience beside ours would mean that the same assertion opens another's door too.
bool is_for_us(const boost::json::object& claims, std::span<const std::string> audiences) {
    const auto ours = [&](const boost::json::value& value) {
        return value.is_string() &&
               std::ranges::find(audiences, std::string_view(value.get_string())) !=
                   audiences.end();
    };
    const auto* audience = claims.if_contains("aud");
    if (audience == nullptr) {
        return false;
    }
    if (const auto* list = audience->if_array()) {
        return !list->empty() && std::ranges::all_of(*list, ours);
    }
    return ours(*audience);
}

bool verified(const jose::CompactJws& jws, std::span<const jose::PublicKey> keys) {
    const auto kid = string_in(jws.header(), "kid");
    return std::ranges::any_of(keys, [&](const jose::PublicKey& key) {
        const bool may_be = !kid || key.kid().empty() || key.kid() == *kid;
        return may_be && jws.verified_by(key);
    });
}

bool has_right_type(const boost::json::object& header) {
    const auto typ = string_in(header, "typ");
    return !header.contains("typ") || typ == "JWT" || typ == "client-authentication+jwt";
}

}  // namespace

Result<std::string> client_named_in(std::string_view assertion) {
    TRY_ASSIGN(auto jws, jose::CompactJws::read(assertion));
    const auto subject = string_in(jws.payload(), "sub");
    if (!subject || subject->empty()) {
        return wrong("no sub");
    }
    return std::string(*subject);
}

Result<CheckedAssertion> check_client_assertion(std::string_view assertion,
                                                const std::string& client_id,
                                                std::string_view jwks,
                                                std::span<const std::string> audiences,
                                                std::int64_t now_ms) {
    TRY_ASSIGN(auto jws, jose::CompactJws::read(assertion));
    TRY_ASSIGN(auto keys, jose::read_key_set(jwks));
    const auto& claims = jws.payload();
    if (!has_right_type(jws.header()) || !verified(jws, keys)) {
        return wrong("not signed by a key of the client");
    }
    if (string_in(claims, "iss") != client_id || string_in(claims, "sub") != client_id) {
        return wrong("iss and sub must be the client");
    }
    if (!is_for_us(claims, audiences)) {
        return wrong("aud must be the issuer or the token endpoint");
    }
    const auto now_s = now_ms / 1000;
    const auto expires_s = whole_number_in(claims, "exp");
    if (!expires_s || *expires_s <= now_s - clock_skew_s ||
        *expires_s > now_s + life_max_s + clock_skew_s) {
        return wrong("exp must be within ten minutes");
    }
    for (const auto* name : {"nbf", "iat"}) {
        const auto time_s = whole_number_in(claims, name);
        if (claims.contains(name) && (!time_s || *time_s > now_s + clock_skew_s)) {
            return wrong(std::string(name) + " must not be in the future");
        }
    }
    const auto id = string_in(claims, "jti").value_or("");
    if (id.empty() || id.size() > token_id_size_max) {
        return wrong("jti is missing or too long");
    }
    CheckedAssertion checked;
    checked.id = sha256(hsm::view_of(client_id + "\n" + std::string(id)));
    checked.expires_at_ms = (*expires_s + clock_skew_s) * 1000;
    return checked;
}

}  // namespace cloudsign::oauth
