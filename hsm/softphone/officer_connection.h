#pragma once

#include <string>

#include "hsm/softphone/link.h"
#include "hsm/softphone/phone_store.h"

namespace hsm::softphone {

// Connects an officer's phone to its server: exchanges the operator's link for a session, which the
// phone keeps. `input` when it is no officer's phone of that origin; `server` with the server's
// reason when the link is used, over or another passkey's: the phone has no session more or less
// then, and has counted a use of its passkey.
Outcome<void> connect_officer(PhoneStore& store,
                              const OfficerLink& link,
                              const std::string& ca_file);

}  // namespace hsm::softphone
