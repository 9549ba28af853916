#pragma once

#include "cloudsign/error.h"

namespace cloudsign {

// What a module's refusal means to the product; mapped here once.
Error module_error(hsm::Status status);

// True when the call may have been carried out although no answer came.
bool outcome_unknown(hsm::Status status);

// True when the module knows the activation no more: no signature will ever be made with this
// approval, and the approvers have to be asked again.
bool approval_lost(hsm::Status status);

}  // namespace cloudsign
