#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "server/api/context.h"
#include "server/api/csc/parameters.h"

// What `info` says of this very server: from the route table, the settings and the authorization
// server's metadata.
namespace server::api::csc {

// `methods`: neither info nor oauth2/* (§11.1).
boost::json::array methods(const Context& context, Version version);

// What both versions say: specs, name, …, authType, methods. Without the members about OAuth.
boost::json::object describe_service(const Context& context, Version version);

}  // namespace server::api::csc
