#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/approve/item_json.h"
#include "server/api/error_response.h"

namespace server::api::approve {

// The inbox is the truth; every notification is only a hint to look here.
http::Outcome pending(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto waiting = context.approvals.pending(*request.principal->device);
    if (!waiting) {
        return error_response(waiting.error());
    }
    boost::json::array items;
    for (const auto& item : *waiting) {
        auto object = to_json(item);
        if (!object) {
            return error_response(object.error());
        }
        items.push_back(*std::move(object));
    }
    return http::json(200, {{"items", std::move(items)}});
}

}  // namespace server::api::approve
