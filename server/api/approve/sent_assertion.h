#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/approval/approval_service.h"

namespace server::api::approve {

// An approval as a phone sends it. `invalid` names the member that is wrong.
cloudsign::Result<cloudsign::approval::SentAssertion> read_assertion(
    const boost::json::object& body);

}  // namespace server::api::approve
