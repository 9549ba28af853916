#pragma once

#include "firmware/command/core.h"

namespace firmware::app {

// blank → operational (provision), locked → blank or operational (unlock), any → failed, any →
// tampered. A module starts locked, because nothing of it can be used, and its identity is not
// known, before the engine is open; or tampered, for good, when its keys were wiped.
//
// Runs the self-tests that come before everything else, mounts the store, rebuilds what lives in
// RAM from it, counts this start durably and draws what is random for the time until the next: the
// boot key and the provisioning nonce.
hsm::Result<void> start(command::Core& core);

// Makes the KEK, the identity and everything else that the engine keeps unreadable, then forgets
// what RAM holds. The module is `tampered` afterwards, also when the wipe reports an error
// (`not_supported` from an engine that cannot): only the state in RAM is sure then, and a board
// does not go on.
hsm::Result<void> wipe(command::Core& core);

}  // namespace firmware::app
