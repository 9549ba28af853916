#pragma once

#include "server/cli/commands.h"

namespace server::cli {

// Of `kyso credential`: request, csr, import and revocations, for certificates of an authority
// outside.
void add_certification(CLI::App& credential, Action& chosen);

}  // namespace server::cli
