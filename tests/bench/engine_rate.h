#pragma once

#include "tests/bench/engine_token.h"

namespace bench {

struct EngineRate {
    double bare_us = 0;  // assertion check, unseal (the blob's MAC, then unwrapping), sign, verify
    double verify_us = 0;
    double sign_us = 0;
    double receipt_us = 0;  // the device's signature on a receipt
};

// CPU microseconds of the SoftHSM engine's own work for one activated signature, called in a loop
// in this process. Ends the process with a message when the token cannot be used.
EngineRate measure_engine(const EngineToken& token, hsm::protocol::KeyType type, unsigned count);

}  // namespace bench
