#pragma once

#include <string>
#include <string_view>

namespace cloudsign::identity {

// 256 random bits, base64url: what a client keeps.
std::string new_client_secret();

// "scrypt$N$r$p$salt$hash", salt and hash base64url (RFC 7914; N = 2^14, r = 8, p = 1: 16 MB and
// some 30 ms).
std::string hash_client_secret(std::string_view secret);

enum class SecretCheck { right, wrong };
// Costs the same whatever the secret; a hash text that this program would not have written is
// wrong, and so is every secret of it.
SecretCheck check_client_secret(std::string_view secret, std::string_view hash_text);

// Matches no secret and costs as much as one that might: for clients that do not exist.
const std::string& decoy_secret_hash();

}  // namespace cloudsign::identity
