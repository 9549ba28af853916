#pragma once

#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::credential {

// A passkey's public key as a device sends it. `invalid` unless it is the uncompressed encoding of
// a point on P-256 (SEC 1 §2.3.3).
Result<hsm::protocol::Point> read_point(hsm::ByteView point);

}  // namespace cloudsign::credential
