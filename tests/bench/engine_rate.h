#pragma once

#include <filesystem>

#include "hsm/protocol/types.h"

namespace bench {

struct EngineToken {
    std::filesystem::path configuration;  // softhsm2.conf
    std::string label;
    std::filesystem::path lock;
    std::filesystem::path pin_file;
};

struct EngineRate {
    double bare_us = 0;  // assertion check, unseal, sign, verify
    double verify_us = 0;
    double sign_us = 0;
    double receipt_us = 0;  // the device's signature on a receipt
};

// CPU microseconds of the SoftHSM engine's own work for one activated signature, called in a loop
// in this process. Exits with a message when the token cannot be used.
EngineRate measure_engine(const EngineToken& token, hsm::protocol::KeyType type, unsigned count);

}  // namespace bench
