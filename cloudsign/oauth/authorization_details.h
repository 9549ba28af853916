#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::oauth {

// Why an authorization request is refused: RFC 6749 §4.1.2.1, RFC 9396 §5, RFC 9126 §2.3.
struct AuthorizationError {
    std::string error;
    std::string description;
};
template <class T>
using Authorized = hsm::Result<T, AuthorizationError>;

// What scope "credential" asks to be signed. What it may be, the rules of CSC's own authorize say.
struct SigningWish {
    bool is_v1 = false;  // CSC v1 names its parameter `hash`
    std::optional<std::string> credential_id;
    std::optional<std::string> signature_qualifier;  // instead of a credential
    std::optional<std::int64_t> signature_count;
    std::vector<Bytes> hashes;
    std::vector<std::string> labels;  // as many as hashes, or none
    std::optional<std::string> hash_algorithm;
    std::optional<std::string> sign_algorithm;
    std::optional<std::string> sign_algorithm_parameters;
    std::string details;  // the object of authorization_details that said so; empty: parameters did
};

// The types of authorization_details that are understood.
inline constexpr std::string_view credential_types[] = {
    "credential",  // CSC v2.0
    "https://cloudsignatureconsortium.org/2025/credential"};

// `authorization_details` (RFC 9396) with exactly one object of these types.
// `invalid_authorization_details` for anything else in it, unknown members included (§5).
Authorized<SigningWish> read_authorization_details(std::string_view text);

// Nobody is granted a kind of signature that is not made here: `configured` is the one that is, or
// empty.
Authorized<void> check_qualifier(const SigningWish& wish, std::string_view configured);

// What the token response repeats: the object with the credential and the count that were granted.
// Empty when the wish came as parameters.
std::string granted_details(const SigningWish& wish, const std::string& credential_id);

// One hash: base64 of either alphabet, with padding or without.
std::optional<Bytes> read_hash(std::string_view text);

}  // namespace cloudsign::oauth
