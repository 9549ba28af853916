#pragma once

#include <p11-kit/pkcs11.h>

#include "hsm/base/result.h"

namespace board::host::softhsm {

// The one place where PKCS#11's words become ours. What it does not know is `engine_failed`.
hsm::Status status_of(CK_RV rv);

inline hsm::Result<void> checked(CK_RV rv) {
    if (rv != CKR_OK) {
        return status_of(rv);
    }
    return {};
}

}  // namespace board::host::softhsm
