#pragma once

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::pki {

// A key that somebody else holds: it is given the whole message, never a hash alone, because the
// module wants to see what it signs.
class ExternalSigner {
public:
    ExternalSigner() = default;
    ExternalSigner(const ExternalSigner&) = delete;
    ExternalSigner& operator=(const ExternalSigner&) = delete;
    virtual ~ExternalSigner() = default;

    virtual const Bytes& spki() const = 0;  // SubjectPublicKeyInfo, DER
    virtual hsm::protocol::Algorithm algorithm() const = 0;
    virtual Result<Bytes> sign(const Bytes& message) = 0;
};

}  // namespace cloudsign::pki
