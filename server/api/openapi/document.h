#pragma once

#include <string_view>

#include "server/api/context.h"
#include "server/http/route.h"

// The description of every endpoint here: OpenAPI 3.1, assembled at build time from a file for each
// dialect (assemble.py).
namespace server::api::openapi {

// With {{api}} and {{approve}} where this server's own URLs belong.
std::string_view template_text();

http::Outcome document(Context& context, const http::Request& request, const http::PathParameters&);

}  // namespace server::api::openapi
