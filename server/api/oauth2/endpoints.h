#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// OAuth 2 (RFC 6749) for portals, and what describes it (RFC 8414, RFC 7517).
namespace server::api::oauth2 {

http::Outcome token(Context& context, const http::Request& request, const http::PathParameters&);
// RFC 7009. CSC says 204 where the RFC says 200, and general clients take only that (CSC v1
// §8.3.4).
http::Outcome revoke(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome revocation(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
// On the login host: the browser's way in. `authorize_elsewhere` sends it there from the API's
// host.
http::Outcome authorize(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);
http::Outcome authorize_elsewhere(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&);
// RFC 9126.
http::Outcome pushed_authorize(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome metadata(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome jwks(Context& context, const http::Request& request, const http::PathParameters&);

}  // namespace server::api::oauth2
