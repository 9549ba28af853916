#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

// What the keys of services may sign: the structure, not what it says. Strict DER; every refusal is
// `content_wrong`.
namespace firmware::command {

// ResponseData of RFC 6960 §4.2.1: version absent, responder by key.
hsm::Result<void> check_response_data(hsm::ByteView content);

// TSTInfo of RFC 3161 §2.4.2 and the signed attributes that go over it: exactly one content-type,
// id-ct-TSTInfo, and exactly one message-digest, SHA-256 of it (RFC 5652 §5.3). The time in it, in
// milliseconds since 1970 UTC.
hsm::Result<std::uint64_t> check_time_stamp(hsm::ByteView content, hsm::ByteView attributes);

}  // namespace firmware::command
