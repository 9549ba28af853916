#pragma once

#include <optional>
#include <string_view>

#include "server/http/request.h"

namespace server::api {

// The value of a request's cookie; a view into its headers.
std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name);

}  // namespace server::api
