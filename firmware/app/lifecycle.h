#pragma once

#include "firmware/command/core.h"

namespace firmware::app {

// blank → operational (provision), locked → blank or operational (unlock), any → failed. A module
// starts locked, because nothing of it can be used, and its identity is not known, before the
// engine is open.
//
// Runs the self-tests that come before everything else, mounts the store, rebuilds what lives in
// RAM from it, counts this start durably and draws what is random for the time until the next: the
// boot key and the provisioning nonce.
hsm::Result<void> start(command::Core& core);

}  // namespace firmware::app
