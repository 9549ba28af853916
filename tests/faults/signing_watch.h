#pragma once

#include "hsm/base/status.h"

namespace tests::faults {

// Looks at what keys are used for until judge_signing(). Whoever makes a signature with a
// subscriber's key has unsealed it: a request that is not in order may not come as far.
void watch_signing(bool is_in_order);

// What the request has achieved, beside what it was answered: `ok` for a signature of the approved
// hash; unauthorised() for one of another that has been let out.
hsm::Status judge_signing(hsm::Status answer);

}  // namespace tests::faults
