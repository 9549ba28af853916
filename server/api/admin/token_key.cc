#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::admin {

http::Outcome rotate_token_key(Context& context,
                               const http::Request&,
                               const http::PathParameters&) {
    const auto kid = context.tokens.rotate(context.token_keys);
    return kid ? http::json(200, {{"kid", *kid}}) : error_response(kid.error());
}

}  // namespace server::api::admin
