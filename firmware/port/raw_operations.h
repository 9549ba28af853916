#pragma once

#include "hsm/protocol/port_message.h"

namespace firmware::port {

// What an operation gives before it becomes a field: message_size_max bytes for all of them, one
// after the other.
hsm::MutableBytes output_space();

// The operations under keys that the question brings along, verify to hkdf. `malformed` for fields
// that are none, else what the engine says.
hsm::Result<void> answer_raw(hsm::protocol::port::Question& question, hsm::ByteWriter& fields);

}  // namespace firmware::port
