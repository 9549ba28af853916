#pragma once

#include "cloudsign/error.h"

namespace cloudsign {

// What a module's refusal means to the product; mapped here once.
Error module_error(hsm::Status status);

// True when the call may have been carried out although no answer came.
bool outcome_unknown(hsm::Status status);

}  // namespace cloudsign
