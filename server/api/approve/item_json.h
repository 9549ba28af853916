#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/approval/approval_service.h"

namespace server::api::approve {

// A transaction as its approvers' devices read it; they compute leaves, root, context hash and
// challenge from it and take none of ours.
cloudsign::Result<boost::json::object> to_json(const cloudsign::approval::PendingItem& item);

}  // namespace server::api::approve
