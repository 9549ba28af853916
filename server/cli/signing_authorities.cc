#include "server/cli/signing_authorities.h"

#include "server/config/config.h"

namespace server::cli {

Outcome<std::vector<std::string>> signing_authorities(const DataFolder& folder) {
    std::vector<std::string> files;
    std::error_code missing;
    if (std::filesystem::exists(folder.signing_authority(), missing)) {
        files.push_back(folder.signing_authority().string());
    }
    if (std::filesystem::exists(folder.settings(), missing)) {
        const auto config = config::load_config(folder.root());
        if (!config) {
            return usage_failure(config.error());
        }
        if (!config->external_ca.authorities.empty()) {
            files.push_back(config->external_ca.authorities.string());
        }
    }
    return files;
}

}  // namespace server::cli
