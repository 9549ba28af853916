#pragma once

#include <string>

#include "server/cli/failure.h"

namespace server::cli {

// The client secret: from `file` when it is named, else from KYSO_CLIENT_SECRET, else asked for at
// the terminal without echo. A usage failure when there is none to be had.
Outcome<std::string> read_client_secret(const std::string& file);

}  // namespace server::cli
