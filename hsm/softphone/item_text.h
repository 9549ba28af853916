#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "hsm/softphone/item_check.h"

namespace hsm::softphone {

// An item for a person at a terminal, several lines: who asks, what, how many, until when.
std::string item_text(const CheckedItem& checked);
// The same of an item that was refused, with the reason and without anything to approve by.
std::string refused_text(const Item& item, const Problem& problem);

// The same of one that waits no longer: what it has come to.
std::string settled_text(const Item& item);

// For programs. Bytes are base64url.
boost::json::object item_json(const CheckedItem& checked);
boost::json::object refused_json(const Item& item, const Problem& problem);
boost::json::object settled_json(const Item& item);

}  // namespace hsm::softphone
