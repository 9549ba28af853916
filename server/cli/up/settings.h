#pragma once

#include "server/cli/data_folder.h"
#include "server/cli/up/plan.h"

namespace server::cli::up {

// "https://approve.localhost:8443"
std::string url_of(std::string_view host, std::uint16_t port);

// DIR/kyso.toml for kyso-server, DIR/module-<n>/config.toml and DIR/softhsm/softhsm2.conf.
Outcome<void> write_settings(const DataFolder& folder, const Plan& plan);

// DIR/module-1/config.toml alone, when a board's line has changed.
Outcome<void> write_board_settings(const DataFolder& folder, const Plan& plan);

// SoftHSM knows absolute paths only: written at every start, so that a folder may be moved.
Outcome<void> write_softhsm_configuration(const DataFolder& folder);

// What write_settings() wrote, and the operator may have changed since.
Outcome<Plan> read_plan(const DataFolder& folder);

// `conflict` in words when the command line wants another plan than the folder has.
Outcome<void> check_wanted(const DataFolder& folder, const Plan& plan, const Wanted& wanted);

}  // namespace server::cli::up
