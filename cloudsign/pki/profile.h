#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cloudsign/error.h"

namespace cloudsign::pki {

// What a certificate is for, which decides its extensions, its years and what its subject must say.
enum class Profile { root, person, organisation, device, ocsp, tsa };

std::string_view profile_name(Profile profile);
// Of those that a signer's credential may have: person, organisation, device. Nothing for others.
std::optional<Profile> signer_profile_named(std::string_view name);

// How long a certificate of this profile is to be valid: the first one of a key, and one that
// renews another (NĐ 68/2024 Art. 9 has five years at most for a first one, three for a renewal).
std::int64_t validity_ms(Profile profile);
std::int64_t renewal_ms(Profile profile);

// `invalid`, in words, when the subject (RFC 4514) cannot be read or lacks what a certificate of
// this profile says: each its CN; an organisation's also O, and what verifiers tell an
// organisation by (names_organisation()).
Result<void> check_subject(Profile profile, std::string_view subject);

// An extension as OpenSSL's configuration writes it.
struct ExtensionText {
    int nid;
    const char* value;
};
std::span<const ExtensionText> extensions_of(Profile profile);

}  // namespace cloudsign::pki
