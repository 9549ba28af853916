#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server::http {

// RFC 3986 §2.1. None when an escape is malformed or stands for NUL.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace server::http
