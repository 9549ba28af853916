#pragma once

#include <psa/crypto.h>

#include "hsm/base/result.h"

namespace firmware::engine::psa {

// The one place where Mbed TLS's words become ours. What it does not know is `engine_failed`.
hsm::Status status_of(psa_status_t status);

// Always inlined: when the first instruction of a function so small is skipped, it returns to its
// caller's caller, past whatever the caller was to look at (ci/faults found it).
[[gnu::always_inline]] inline hsm::Result<void> checked(psa_status_t status) {
    if (status != PSA_SUCCESS) {
        return status_of(status);
    }
    return {};
}

}  // namespace firmware::engine::psa
