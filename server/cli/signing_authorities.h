#pragma once

#include <string>
#include <vector>

#include "server/cli/data_folder.h"

namespace server::cli {

// PEM files with what the certificates of this folder's signers chain to: the built-in CA's, once
// it has one, and those of an authority outside (external_ca.authorities). A usage failure when
// kyso.toml cannot be used.
Outcome<std::vector<std::string>> signing_authorities(const DataFolder& folder);

}  // namespace server::cli
