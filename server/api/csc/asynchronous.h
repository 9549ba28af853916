#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/transaction/async_requests.h"
#include "server/api/csc/calls.h"

// operationMode "A" of v2 (§11.10): the server signs by itself, the client polls or is told.
namespace server::api::csc {

struct AsyncMode {
    std::int64_t keep_ms = 0;
    std::optional<std::string> response_uri;
};
// Nothing for "S". "Invalid parameter operationMode | validity_period | response_uri", and "Out of
// bounds parameter validity_period".
Checked<std::optional<AsyncMode>> read_async_mode(Context& context,
                                                  const cloudsign::store::Client& client,
                                                  const Parameters& parameters);

// What `response_uri` is told: {"responseID": …, "state": …}, and for what was refused the error
// that polling would answer.
std::string notification(const cloudsign::store::AsyncRequest& request, std::string_view outcome);

// {"responseID": …}.
Checked<boost::json::object> accept(Context& context,
                                    const cloudsign::store::Transaction& transaction,
                                    cloudsign::transaction::AsyncWish wish,
                                    const AsyncMode& mode);

}  // namespace server::api::csc
