#include "cloudsign/oauth/account_token.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "cloudsign/strict_json.h"
#include "hsm/openssl/hmac_key.h"

namespace cloudsign::oauth {
namespace {

constexpr std::int64_t life_s = 600;
constexpr std::int64_t clock_skew_s = 30;
constexpr std::size_t size_max = 2048;
constexpr std::size_t token_id_size_max = 256;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Result<boost::json::object> object_in(std::string_view part) {
    const auto bytes = from_base64url(part);
    if (!bytes) {
        return wrong("not base64url");
    }
    return parse_strict_json(hsm::text_of(*bytes));
}

}  // namespace

Result<AccountToken> read_account_token(std::string_view token,
                                        const std::string& client_id,
                                        const hsm::Digest& key,
                                        std::int64_t now_ms) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > size_max || second == std::string_view::npos) {
        return wrong("not a compact JWT");
    }
    TRY_ASSIGN(auto header, object_in(token.substr(0, first)));
    hsm::Digest mac{};
    if (string_in(header, "alg") != "HS256" || header.contains("crit") ||
        !from_base64url_into(token.substr(second + 1), mac) ||
        !hsm::equal_constant_time(
            mac, hsm::openssl::HmacKey(key).mac(hsm::view_of(token.substr(0, second))))) {
        return wrong("not signed with HS256 by the client");
    }
    TRY_ASSIGN(auto claims, object_in(token.substr(first + 1, second - first - 1)));
    const auto subject = string_in(claims, "sub").value_or("");
    const auto id = string_in(claims, "jti").value_or("");
    const auto issued_s = whole_number_in(claims, "iat");
    if (subject.empty() || string_in(claims, "azp") != client_id || id.empty() ||
        id.size() > token_id_size_max || !issued_s) {
        return wrong("sub, azp, jti and iat must be there, and azp the client");
    }
    const auto now_s = now_ms / 1000;
    if (*issued_s > now_s + clock_skew_s || *issued_s <= now_s - life_s) {
        return wrong("iat is not within ten minutes");
    }
    AccountToken read;
    read.signer_id = subject;
    read.id = sha256(hsm::view_of("account\n" + client_id + "\n" + std::string(id)));
    read.expires_at_ms = (*issued_s + life_s) * 1000;
    return read;
}

}  // namespace cloudsign::oauth
