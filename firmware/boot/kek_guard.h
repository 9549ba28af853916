#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::boot {

// The flash secret without which nothing sealed on this module can be opened again, as far as
// starting and updating firmware needs it.
class KekGuard {
public:
    // False on a module that has none: a blank or a wiped one.
    virtual hsm::Result<bool> holds_secret() = 0;

    // HMAC-SHA-256 of `statement` under a key that only this secret gives.
    virtual hsm::Result<hsm::Digest> mac(hsm::ByteView statement) = 0;

    // Returns when the secret is gone for good. A power cut before leaves it or destroys it.
    virtual hsm::Result<void> wipe() = 0;

protected:
    ~KekGuard() = default;
};

}  // namespace firmware::boot
