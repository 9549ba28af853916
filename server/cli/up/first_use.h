#pragma once

#include "server/cli/data_folder.h"
#include "server/cli/up/plan.h"

namespace server::cli::up {

// What is there before any process runs: settings, secrets, TLS, keys of the ceremony, the
// officer's phone. Removes what an interrupted first use left behind.
Outcome<void> lay_out(const DataFolder& folder, const Plan& plan);

// With another user for the modules: gives them the engine's files, once its token is made, and
// lets them get as far as there. The rest stays the server's.
Outcome<void> hand_over(const DataFolder& folder, const Plan& plan);

// The first start, on running modules: the ceremony of hsm/cli/first_start.h with one custodian and
// one officer, both in software here.
Outcome<void> provision(const DataFolder& folder, const Plan& plan);

// On a running server: makes the officer known to it, and has the officer's phone approve the
// built-in CA, whose certificate becomes DIR/ca.pem.
Outcome<void> appoint(const DataFolder& folder);

}  // namespace server::cli::up
