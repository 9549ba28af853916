#pragma once

#include "hsm/cli/firmware_package.h"
#include "server/cli/commands.h"

// A release of the firmware as `kyso firmware` reads and shows it.
namespace server::cli {

Outcome<hsm::cli::FirmwarePackage> read_package(const std::string& file);
void show(const hsm::cli::FirmwarePackage& package, Form form);

}  // namespace server::cli
