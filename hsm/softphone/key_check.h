#pragma once

#include <string_view>

#include "hsm/softphone/item.h"
#include "hsm/softphone/phone_state.h"

namespace hsm::softphone {

// Of this library's checks only: what is wrong, beginning with the member's name.
Problem refused(std::string_view member, std::string_view why);

// That the item's key is as this phone has approved it.
Outcome<void> check_known_key(const Item& item, const KnownKey& key);

}  // namespace hsm::softphone
