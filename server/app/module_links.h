#pragma once

#include <string>
#include <vector>

#include "hsm/client/link.h"
#include "server/config/config.h"

namespace server::app {

// How each module is reached, with the pre-shared keys that the settings name. The error names the
// file.
hsm::Result<std::vector<hsm::client::LinkSettings>, std::string> link_settings(
    const config::Config& config);

// Whether the module lets such a host in; one that cannot be asked is taken to.
bool takes(const hsm::client::LinkSettings& link);

}  // namespace server::app
