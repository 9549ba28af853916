#pragma once

#include "hsm/softphone/item_check.h"

namespace hsm::softphone {

// check_item()'s part for a change of phones, on the old phone and on the new one.
Outcome<void> check_rebinding(CheckedItem& checked,
                              const PhoneState& phone,
                              const Digest& own,
                              const SeenPhone& seen);

}  // namespace hsm::softphone
