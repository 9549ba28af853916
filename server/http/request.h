#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hsm/base/bytes.h"
#include "server/http/headers.h"
#include "server/http/method.h"

// Whom a guard has found behind a request. The API defines it; the shell only carries it.
namespace server::api {
struct Principal;
}

namespace server::http {

enum class Transport : std::uint8_t {
    tls,
    plain,  // HTTP without TLS: what anybody may read, and nothing else
    local,  // the admin socket, peer uid checked
};

// What follows `Authorization:`, of the two schemes that carry an access token.
struct AccessToken {
    enum class Scheme : std::uint8_t { bearer, dpop };  // RFC 6750, RFC 9449 §7.1
    Scheme scheme = Scheme::bearer;
    std::string_view token;
};

struct Request {
    Method method = Method::other;
    Transport transport = Transport::tls;
    std::string path;   // as sent: not percent-decoded, begins with '/'
    std::string query;  // without the '?'; see Form
    std::string host;   // lower-cased, without port
    Headers headers;
    std::string body;
    std::string peer;  // address without port; "uid 1000" on the admin socket
    std::string id;    // unique in this process; in the access log and in X-Request-Id
    // SHA-256 of the TLS client's certificate (DER): the peer has its key, nothing else is known.
    std::optional<hsm::Digest> client_certificate;
    std::shared_ptr<const api::Principal> principal;  // set by the guard

    // The token of `Authorization: Bearer <token>`. None when the header is absent, another
    // scheme, or sent more than once (RFC 6750 §2: one method only).
    std::optional<std::string_view> bearer() const;
    // As above, of either scheme.
    std::optional<AccessToken> access_token() const;

    // True when Content-Type is `type`, whatever parameters follow it.
    bool has_content_type(std::string_view type) const;
};

// RFC 3986's host and port, and no user information: every reader of it sees the same host. Empty
// is one, too.
bool is_authority(std::string_view text);
// `authority` (a Host header) lower-cased and without its port; an IPv6 address keeps its brackets.
std::string host_of(std::string_view authority);

}  // namespace server::http
