#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// What watches the server: load balancers and Prometheus.
namespace server::api::observe {

// 200 when the database answers and a module is operational, else 503; either way says which.
http::Outcome health(Context& context, const http::Request& request, const http::PathParameters&);
// Prometheus text, for whoever sends the token of [metrics]; for the operator without.
http::Outcome metrics(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome local_metrics(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);

}  // namespace server::api::observe
