#pragma once

#include <optional>
#include <string_view>

#include "cloudsign/bytes.h"

namespace cloudsign::qd769 {

// `data_to_be_signed` of a hash of 32, 48 or 64 bytes: hexadecimal (VNPT) or base64 with its
// padding (NEAC). Nothing for any other text. No text is both: hexadecimal digits alone that are
// base64 of a hash, too, come by chance once in 2^128.
std::optional<Bytes> read_hash(std::string_view text);

}  // namespace cloudsign::qd769
