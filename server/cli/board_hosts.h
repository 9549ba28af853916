#pragma once

#include <span>

#include "hsm/client/session.h"

// Who may speak to a board: PROTOCOL.md "install_hosts".
namespace server::cli {

// Whom a board that has no hosts yet lets in. Everybody knows this key.
hsm::client::Psk bring_up_psk();

// Tells such a board its hosts, over a session as bring-up: once, all of them. `wrong_state` when
// it has them, `malformed` when they are more than hosts_max or two of one name.
hsm::Result<void> install_hosts(hsm::client::Session& session,
                                std::span<const hsm::client::Psk* const> hosts,
                                hsm::client::Deadline deadline);

}  // namespace server::cli
