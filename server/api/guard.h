#pragma once

#include "cloudsign/error.h"
#include "server/api/context.h"
#include "server/http/request.h"

namespace server::api {

// Who presents the request's bearer token. `invalid` without one, `unauthenticated` or
// `token_expired` for a bad one and for a client that is disabled, `forbidden` when this API is
// closed to the client.
cloudsign::Result<Principal> find_client(Context& context, const http::Request& request);

}  // namespace server::api
