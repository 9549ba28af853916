#pragma once

#include <filesystem>
#include <optional>
#include <sys/types.h>

#include "board/host/setup_error.h"
#include "hsm/protocol/types.h"

namespace board::host {

enum class EngineKind : std::uint8_t { softhsm, psa };

// The TOML file of `kyso-module --config FILE`: README.md lists the keys. Relative paths start at
// the file's folder; here they are whole.
struct Config {
    std::filesystem::path socket;
    mode_t socket_mode = 0600;
    std::string socket_group;  // empty: the process's own
    std::filesystem::path store;
    std::filesystem::path psk_folder;
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
    std::optional<uid_t> server_uid;  // whose process the server is, if known
    std::string user;                 // to become after everything is open; empty: stay

    EngineKind engine = EngineKind::softhsm;
    std::string name = "module";     // tells modules on one token apart
    std::filesystem::path pin_file;  // empty: locked until a host sends `unlock`

    std::filesystem::path softhsm_library;
    std::filesystem::path softhsm_configuration;
    std::string softhsm_token;
    std::filesystem::path softhsm_lock;  // one for all modules of the token

    std::filesystem::path psa_token;
};

// Names the file and the key in its error.
Setup<Config> load_config(const std::filesystem::path& file);

}  // namespace board::host
