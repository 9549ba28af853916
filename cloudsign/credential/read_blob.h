#pragma once

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::credential {

// The sealed key blob of a credential, whose header is readable; it refers to `blob`. `internal`
// when it is none.
inline Result<hsm::protocol::KeyBlob> read_blob(const Bytes& blob) {
    auto decoded = hsm::protocol::decode_blob(blob);
    if (!decoded) {
        return Error{ErrorKind::internal, "the module's key blob cannot be read"};
    }
    return *decoded;
}

}  // namespace cloudsign::credential
