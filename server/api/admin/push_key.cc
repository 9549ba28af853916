#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::admin {

http::Outcome rotate_push_key(Context& context, const http::Request&, const http::PathParameters&) {
    const auto rotated = context.push_subscriptions.rotate_key();
    if (!rotated) {
        return error_response(rotated.error());
    }
    return http::json(200,
                      {{"application_server_key", rotated->vapid_key},
                       {"subscriptions_removed", rotated->removed}});
}

}  // namespace server::api::admin
