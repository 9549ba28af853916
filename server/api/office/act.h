#pragma once

#include <string>
#include <string_view>

#include "server/api/context.h"
#include "server/http/outcome.h"
#include "server/http/request.h"

namespace server::api::office {

// `__Host-`: this host alone, over TLS alone (RFC 6265bis §4.1.3.2).
inline constexpr std::string_view cookie_name = "__Host-kyso-office";

// Who has signed in, as the guard found out.
const cloudsign::store::OfficeUser& user_of(const http::Request& request);

// `outcome` as it is; where it is a success, a line in the log says who did that about whom.
http::Outcome noted(const http::Request& request,
                    std::string_view act,
                    std::string_view about,
                    http::Outcome outcome);

}  // namespace server::api::office
