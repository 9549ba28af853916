#pragma once

#include "cloudsign/store/preparation_table.h"
#include "server/api/context.h"
#include "server/api/csc/parameters.h"

namespace server::api::csc {

// The prepared document of that id. "Invalid parameter preparedID" for one that does not exist,
// whose time is over, or that another client or for another credential had made: not told apart.
Checked<cloudsign::store::Preparation> find_preparation(Context& context,
                                                        const Principal& principal,
                                                        const std::string& id,
                                                        const std::string& credential_id);

}  // namespace server::api::csc
