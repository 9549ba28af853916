#pragma once

#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::approval {

// The payload of a rebind transaction: what takes the old phone's place.
struct RebindPayload {
    Bytes policy;  // .cbor Policy: the key's next one
    hsm::protocol::ActivationKey key;
    std::string name;  // of the new phone, in its own words
};

std::string write_rebind(const RebindPayload& payload);
Result<RebindPayload> read_rebind(const std::string& payload);

}  // namespace cloudsign::approval
