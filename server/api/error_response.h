#pragma once

#include "cloudsign/error.h"
#include "server/http/response.h"

namespace server::api {

// The outward form of an error at our own endpoints (approve, admin): each kind has one status and
// one code. The dialects have mappings of their own.
http::Response error_response(const cloudsign::Error& error);

}  // namespace server::api
