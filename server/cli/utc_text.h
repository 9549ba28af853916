#pragma once

#include <cstdint>
#include <string>

namespace server::cli {

// Seconds since the epoch as ISO 8601, in UTC.
std::string utc_text(std::int64_t seconds);

}  // namespace server::cli
