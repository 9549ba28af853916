#pragma once

#include <string>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace board::host::softhsm {

struct TokenConfig {
    std::string library = "/usr/lib/softhsm/libsofthsm2.so";
    std::string configuration;  // SOFTHSM2_CONF; empty: as the environment has it
    std::string label;          // of the token: 1..32 bytes
    std::string lock_file;      // one for all modules of the token
};

// Makes the token if there is none of this label: what `softhsm2-util --init-token` does. The user
// PIN is the engine's unlock secret; the security officer's PIN is needed for nothing afterwards.
// 4..255 bytes each. Not while an engine lives in this process. `secret_wrong` for a PIN of a
// length that SoftHSM refuses, `storage_failed` for the lock file, else `engine_failed`.
hsm::Result<void> ensure_token(const TokenConfig& config,
                               hsm::ByteView officer_pin,
                               hsm::ByteView user_pin);

}  // namespace board::host::softhsm
