#pragma once

#include <filesystem>
#include <string>

#include "hsm/base/result.h"
#include "hsm/protocol/psk_file.h"

namespace hsm::client {

// Who this host is to a module, and the key that proves it.
struct Psk {
    std::string identity;
    protocol::Role role = protocol::Role::auditor;  // what the module will grant
    Secret<protocol::psk_size> secret;
};

// From `<identity>.psk` (hsm/protocol/psk_file.h). `io_failed` when it cannot be read, `malformed`
// for another content or a name that is no identity.
Result<Psk> load_psk(const std::filesystem::path& file);

}  // namespace hsm::client
