#pragma once

#include <string>

#include "hsm/softphone/approver.h"

// What the program's commands have in common.
namespace hsm::softphone {

// Says it on standard error; answers the exit code.
int report(const Problem& problem);
bool confirmed_at_terminal();
// The file is named in the store, which is read from other folders. `input` when it is not there.
Outcome<std::string> absolute_ca_file(const std::string& ca_file);

// Runs `command(approver)`, which answers an exit code; reports what goes wrong.
template <class Command>
int with_phone(PhoneStore store, const Command& command) {
    auto http = client_for(store);
    auto approver = Approver::connect(store, http);
    if (!approver) {
        return report(approver.error());
    }
    auto code = command(*approver);
    return code ? *code : report(code.error());
}

}  // namespace hsm::softphone
