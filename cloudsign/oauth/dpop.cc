#include "cloudsign/oauth/dpop.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/jose/compact_jws.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"

namespace cloudsign::oauth {
namespace {

constexpr std::size_t token_id_size_max = 256;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, "DPoP proof: " + std::move(detail)};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// RFC 9449 §4.3: without query and fragment, after the normalisations that matter for what we are
// called: case of scheme and host (RFC 3986 §6.2.2.1), and https's own port (§6.2.3).
std::string normalised(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto scheme = url.find("://");
    const auto path = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
    std::string authority(url.substr(0, path));
    std::ranges::transform(authority, authority.begin(), lower);
    if (authority.starts_with("https://") && authority.ends_with(":443")) {
        authority.resize(authority.size() - 4);
    }
    return authority + std::string(path == std::string_view::npos ? "/" : url.substr(path));
}

Result<jose::PublicKey> key_in(const boost::json::object& header) {
    const auto* value = header.if_contains("jwk");
    const auto* jwk = value != nullptr ? value->if_object() : nullptr;
    if (jwk == nullptr || string_in(header, "typ") != "dpop+jwt") {
        return wrong("its header must have typ dpop+jwt and a jwk");
    }
    auto key = jose::PublicKey::from_jwk(*jwk);
    if (!key) {
        return wrong(key.error().detail);
    }
    return key;
}

Result<void> check_call(const boost::json::object& claims, const DpopVerifier::Call& call) {
    if (string_in(claims, "htm") != call.method) {
        return wrong("htm is not the request's method");
    }
    const auto url = normalised(string_in(claims, "htu").value_or(""));
    if (std::ranges::find(call.urls, url, normalised) == call.urls.end()) {
        return wrong("htu is not the request's URL");
    }
    if (call.access_token &&
        string_in(claims, "ath") != base64url(sha256(hsm::view_of(*call.access_token)))) {
        return wrong("ath is not the hash of the access token");
    }
    return {};
}

}  // namespace

Result<std::string> DpopVerifier::verify(std::string_view proof, const Call& call) {
    const auto jws = jose::CompactJws::read(proof);
    if (!jws) {
        return wrong(jws.error().detail);
    }
    TRY_ASSIGN(auto key, key_in(jws->header()));
    if (!jws->verified_by(key)) {
        return wrong("the signature is wrong");
    }
    const auto& claims = jws->payload();
    TRY(check_call(claims, call));
    const auto issued_s = whole_number_in(claims, "iat");
    const auto now_s = clock_.now_ms() / 1000;
    if (!issued_s || *issued_s > now_s + clock_ahead_max_s || *issued_s < now_s - proof_age_max_s ||
        *issued_s < started_s_) {
        return wrong("iat is not now");
    }
    const auto id = string_in(claims, "jti").value_or("");
    if (id.empty() || id.size() > token_id_size_max) {
        return wrong("jti is missing or too long");
    }
    auto thumbprint = base64url(key.thumbprint());
    switch (seen_.remember(sha256(hsm::view_of(thumbprint + std::string(id))), now_s)) {
        case ReplayMemory::Seen::first_time:
            return thumbprint;
        case ReplayMemory::Seen::before:
            return Error{ErrorKind::conflict, wrong("it was used before").detail};
        case ReplayMemory::Seen::no_room:
            break;
    }
    return Error{ErrorKind::busy, "too many proofs at once"};
}

}  // namespace cloudsign::oauth
