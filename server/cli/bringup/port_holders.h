#pragma once

#include <string>

namespace server::cli::bringup {

// The processes, other than this one, that have the file open, as far as this user may see: "screen
// (4711), …". Empty when there are none to be seen.
std::string holders_of(const std::string& path);

}  // namespace server::cli::bringup
