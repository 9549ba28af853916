#pragma once

#include <string>
#include <string_view>

namespace cloudsign::identity {

// A name for a new row: `prefix`, "_", 128 random bits as 26 characters of RFC 4648 base32 in
// lower case. Not a secret.
std::string new_id(std::string_view prefix);

}  // namespace cloudsign::identity
