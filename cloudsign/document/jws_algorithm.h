#pragma once

#include <optional>
#include <string_view>

#include "hsm/protocol/types.h"

// JWS's names of signature algorithms (RFC 7518 §3.1), and JAdES's of digests. Neither `none`, nor
// a symmetric one, nor SHA-1.
namespace cloudsign::document {

// None for what JWS has no name for: a PSS salt that is not as long as the digest, say.
std::optional<std::string_view> jws_algorithm_name(const hsm::protocol::Algorithm& algorithm);
std::optional<hsm::protocol::Algorithm> jws_algorithm_named(std::string_view name);

// The length of an ES… value, which fixes the curve; 0 where RSA's modulus does.
std::size_t jws_value_size(const hsm::protocol::Algorithm& algorithm);

// ETSI TS 119 182-1 §5.2.8.3.3, hashM: "S256".
std::string_view jws_digest_name(hsm::protocol::DigestAlgorithm digest);
std::optional<hsm::protocol::DigestAlgorithm> jws_digest_named(std::string_view name);

}  // namespace cloudsign::document
