#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// OAuth 2 (RFC 6749 §4.4) for portals, and what describes it (RFC 8414, RFC 7517).
namespace server::api::oauth2 {

http::Outcome token(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome metadata(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome jwks(Context& context, const http::Request& request, const http::PathParameters&);

}  // namespace server::api::oauth2
