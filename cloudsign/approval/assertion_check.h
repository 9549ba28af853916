#pragma once

#include <string_view>

#include "cloudsign/error.h"
#include "hsm/protocol/activation.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::approval {

// The module's own rules for an assertion (WebAuthn L3 §5.8.1.2, §7.2), checked here first so that
// the phone gets a good message. Nothing rests on it: the module checks again and decides.
// `assertion_refused` with what is wrong.
Result<void> check_assertion(const hsm::protocol::Assertion& assertion,
                             const hsm::protocol::ActivationKey& key,
                             std::string_view rp_id,
                             std::string_view origin,
                             const hsm::Digest& challenge,
                             hsm::protocol::BackupPolicy backup);

// What authenticatorData say of the passkey (WebAuthn L3 §6.1: BE); false when they are too short.
bool is_backup_eligible(hsm::ByteView authenticator_data);

}  // namespace cloudsign::approval
