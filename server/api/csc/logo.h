#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

namespace server::api::csc {

// `info`/logo: PNG or JPEG, at most 256 x 256 (v1 §11.1).
http::Outcome logo(Context& context, const http::Request& request, const http::PathParameters&);

}  // namespace server::api::csc
