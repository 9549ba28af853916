#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/approve/item_json.h"
#include "server/api/error_response.h"

namespace server::api::approve {

// The request with its new challenge: what the phone has computed before is void.
http::Outcome more_time(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters) {
    const auto item =
        context.approvals.more_time(*request.principal->device, std::string(parameters.id));
    if (!item) {
        return error_response(item.error());
    }
    auto object = to_json(*item);
    return object ? http::json(200, *std::move(object)) : error_response(object.error());
}

}  // namespace server::api::approve
