#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// The signing portal's host: its app. What the app asks is the API's (routes.cc), as a client of
// its own (ClientRegistry::keep_portal).
namespace server::api::portal {

// Where the sign-in page sends people back to.
inline constexpr std::string_view return_path = "/return";

http::Outcome app_page(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome app_file(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);

}  // namespace server::api::portal
