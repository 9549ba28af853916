#pragma once

#include "hsm/protocol/port_message.h"

namespace firmware::port {

// The operations under keys that the question brings along, verify to hkdf. `malformed` for fields
// that are none, else what the engine says.
hsm::Result<void> answer_raw(hsm::protocol::port::Question& question, hsm::ByteWriter& fields);

}  // namespace firmware::port
