#pragma once

#include <span>

#include "server/http/route.h"

namespace server::api {

// Every endpoint of the server, one row each.
std::span<const http::Route> routes();

// Finds out who calls: a client by its access token, a device by its session.
std::optional<http::Response> check_guard(Context& context,
                                          http::Guard guard,
                                          http::Request& request);

}  // namespace server::api
