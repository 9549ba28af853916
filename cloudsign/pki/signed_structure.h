#pragma once

#include "cloudsign/bytes.h"
#include "hsm/protocol/types.h"

namespace cloudsign::pki {

// SIGNED{} of X.509: what certificates (RFC 5280 §4.1) and certification requests (RFC 2986 §4.2)
// are in DER: `signed_part`, the AlgorithmIdentifier of `algorithm`, and the signature. Empty when
// one of them cannot be encoded.
Bytes wrap_signed(const Bytes& signed_part,
                  const hsm::protocol::Algorithm& algorithm,
                  const Bytes& signature);

}  // namespace cloudsign::pki
