#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cloudsign/bytes.h"

namespace cloudsign {

// Lower case out, either case in.
std::string hex(hsm::ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace cloudsign
