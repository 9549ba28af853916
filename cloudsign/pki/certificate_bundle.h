#pragma once

#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::pki {

// The certificates, DER, in what an authority sends: PEM or DER, each by itself or in a PKCS #7
// bundle without signers (RFC 5652 §5, `.p7b`). `invalid` when it is none of these or has none.
Result<std::vector<Bytes>> read_bundle(hsm::ByteView file);

}  // namespace cloudsign::pki
