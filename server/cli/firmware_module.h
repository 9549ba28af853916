#pragma once

#include "server/cli/commands.h"

// What `kyso firmware` does with a module on a board.
namespace server::cli {

struct FirmwareModuleOptions {
    std::string module;
    std::string psk;
    std::string package;
    std::vector<std::string> approvals;
    std::string out;
    Form form = Form::text;
};

// Writes down what officers of the module's group approve (`kyso ceremony approve`).
Outcome<int> prepare_update(const FirmwareModuleOptions& options);
Outcome<int> install_update(const FirmwareModuleOptions& options);
// Which release runs, and which comes.
Outcome<int> show_update(const FirmwareModuleOptions& options);

}  // namespace server::cli
