#pragma once

#include <span>
#include <vector>

#include "server/http/route.h"

namespace server::api {

// Every endpoint of the server, one row each.
std::span<const http::Route> routes();

// Those for relying parties (RFC 5280, 6960, 3161), under whatever name they ask: what is answered
// is signed, so it is also served without TLS.
std::vector<http::Route> public_routes();

// Finds out who calls: a client by its access token, a device by its session.
std::optional<http::Response> check_guard(Context& context,
                                          http::Guard guard,
                                          http::Request& request);

}  // namespace server::api
