#pragma once

#include <string>
#include <string_view>

namespace cloudsign::identity {

// A name for a new row: `prefix`, "_", and 26 characters of base32hex (RFC 4648 §7) in lower case:
// 48 bits of milliseconds, then 80 random bits. Not a secret. Ids of one time sort together, so
// that an index over a million of them grows at one end instead of everywhere.
std::string new_id(std::string_view prefix);

}  // namespace cloudsign::identity
