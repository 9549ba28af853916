#pragma once

#include <string>

namespace server::config {

// Every setting of kyso.toml in Markdown: server/CONFIGURATION.md.
std::string reference();

}  // namespace server::config
