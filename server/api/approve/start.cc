#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/approve/item_json.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

cloudsign::Result<boost::json::object> begin(Context& context, const http::Request& request) {
    constexpr std::size_t token_max = 128;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto token, text_member(body, "token", token_max));
    TRY_ASSIGN(auto item, context.approvals.start(*request.principal->device, token));
    return to_json(item);
}

}  // namespace

// The phone has seen what a screen shows at this moment.
http::Outcome start(Context& context, const http::Request& request, const http::PathParameters&) {
    auto item = begin(context, request);
    return item ? http::json(200, *std::move(item)) : error_response(item.error());
}

}  // namespace server::api::approve
