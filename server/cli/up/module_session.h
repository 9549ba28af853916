#pragma once

#include "hsm/client/session.h"
#include "server/cli/data_folder.h"

namespace server::cli::up {

// An engine that is just being unlocked, and an emulated board, answer when they are done.
inline constexpr std::chrono::seconds module_patience{60};

Failure module_failure(const std::string& what, hsm::Status status);

// As the operator whose PSK the folder has.
Outcome<hsm::client::Session> connect_operator(const DataFolder& folder, unsigned number);

}  // namespace server::cli::up
