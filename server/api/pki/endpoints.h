#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// What relying parties ask about our certificates, and our time-stamps: RFC 5280, 6960 and 3161
// over HTTP. Everybody may ask.
namespace server::api::pki {

http::Outcome authority(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome revocation_list(Context& context, const http::Request&, const http::PathParameters&);
// POST with the request as the body; GET with it in the path (RFC 6960 §A.1).
http::Outcome ocsp(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome ocsp_get(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome timestamp(Context& context, const http::Request&, const http::PathParameters&);
// Who has an account at the built-in CA asks for certificates: RFC 4210 over HTTP (RFC 6712).
http::Outcome cmp(Context& context, const http::Request&, const http::PathParameters&);

}  // namespace server::api::pki
