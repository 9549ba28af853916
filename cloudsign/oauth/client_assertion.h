#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cloudsign/error.h"
#include "hsm/base/bytes.h"

namespace cloudsign::oauth {

inline constexpr std::string_view jwt_bearer_assertion =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// Says who it claims to be: the `sub` of an assertion that nobody has verified yet. `invalid` when
// it names nobody.
Result<std::string> client_named_in(std::string_view assertion);

// A client's signed word that it is that client (RFC 7523 §3).
struct CheckedAssertion {
    hsm::Digest id{};  // of client and jti: may come once until it expires
    std::int64_t expires_at_ms = 0;
};
// `jwks` are the client's public keys, `audiences` what we are called. `invalid` with the reason,
// which is for the log.
Result<CheckedAssertion> check_client_assertion(std::string_view assertion,
                                                const std::string& client_id,
                                                std::string_view jwks,
                                                std::span<const std::string> audiences,
                                                std::int64_t now_ms);

}  // namespace cloudsign::oauth
