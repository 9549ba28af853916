#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "server/cli/failure.h"

namespace server::cli {

// Asks the authorities that `chain` (leaf first, DER) names whether its certificates are revoked:
// a failure, in words, when one is. Where nobody answers, nothing is known against them. `ca_file`:
// trusted in HTTPS; empty: the system's.
Outcome<void> check_not_revoked(const std::vector<cloudsign::Bytes>& chain,
                                const std::string& ca_file);

}  // namespace server::cli
