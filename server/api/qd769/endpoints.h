#pragma once

#include "server/api/context.h"
#include "server/http/outcome.h"
#include "server/http/route.h"

// QD 769: a portal, or the NEAC gateway, asks a provider. Each is served under the paths of both
// forms in the field (VNPT sp769, NEAC to a provider), which differ in the names of members alone.
namespace server::api::qd769 {

http::Outcome get_certificate(Context& context,
                              const http::Request& request,
                              const http::PathParameters& parameters);
http::Outcome sign(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters);
http::Outcome status(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
// Whole files: refused by name.
http::Outcome sign_file(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters);

// The hub: a portal asks once, here, for whichever provider.
http::Outcome hub_get_certificate(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters& parameters);
http::Outcome hub_sign(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);
http::Outcome hub_status(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters);

}  // namespace server::api::qd769
