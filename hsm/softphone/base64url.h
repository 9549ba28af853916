#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hsm/base/bytes.h"

namespace hsm::softphone {

using Bytes = std::vector<Byte>;

// RFC 4648 §5 without padding. The decoder takes one spelling of each byte string: no padding, no
// other characters, no non-zero trailing bits.
std::string base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace hsm::softphone
