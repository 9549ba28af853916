#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/store/rows.h"
#include "server/api/context.h"

namespace server::api {

// A transaction's state and receipts, each with the device certificate that it verifies under, as
// the operator and the office are shown them.
cloudsign::Result<boost::json::object> transaction_json(
    Context& context, const cloudsign::store::Transaction& transaction);

}  // namespace server::api
