#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::boot {

// The flash secret without which nothing sealed on this module can be opened again, as far as
// starting and updating firmware needs it.
class KekGuard {
public:
    // False on a module that has none: a blank or a wiped one. True also for what a power cut has
    // left of one.
    virtual hsm::Result<bool> holds_secret() = 0;

    // HMAC-SHA-256 of `statement` under a key that only this secret gives; `key_wiped` when it is
    // not whole.
    virtual hsm::Result<hsm::Digest> mac(hsm::ByteView statement) = 0;

    // Returns when the secret is gone for good, and the module knows that there was one. A power
    // cut before leaves it or destroys it.
    virtual hsm::Result<void> wipe() = 0;

    // The same for a secret that has sealed nothing yet: the module is as blank as before.
    virtual hsm::Result<void> forget() = 0;

protected:
    ~KekGuard() = default;
};

}  // namespace firmware::boot
