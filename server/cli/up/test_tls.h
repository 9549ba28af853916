#pragma once

#include <string>
#include <vector>

#include "server/cli/data_folder.h"

namespace server::cli::up {

// DIR/tls/{ca,cert,key}.pem: a certificate for `names` and 127.0.0.1 under an authority of its own,
// ten years each. The authority's key is not kept: nobody can have it certify another name.
Outcome<void> make_test_tls(const DataFolder& folder, const std::vector<std::string>& names);

}  // namespace server::cli::up
