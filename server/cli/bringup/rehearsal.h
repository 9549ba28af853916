#pragma once

#include "server/cli/bringup/bench.h"

namespace server::cli::bringup {

// From a new board to a verified signature, with people and hosts that exist for this only: hosts,
// unlock secret, ceremony with custodians 2 of 3, an officer, a signer; and what a hostile server
// would try is refused. The board then belongs to nobody: it has to be erased. Whether all went
// well.
bool rehearse(const Bench& bench);

}  // namespace server::cli::bringup
