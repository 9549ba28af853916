#pragma once

#include "server/api/context.h"
#include "server/http/request.h"

namespace server::api {

// The access token of a request, with the proof that it is its owner's: a DPoP proof (RFC 9449 §7)
// or the TLS certificate (RFC 8705 §3), for a token that is bound to one. `invalid` for a header
// that is no access token's, `assertion_refused` for a wrong proof, `conflict` for a token whose
// scope is another, else as TokenService::verify().
cloudsign::Result<cloudsign::oauth::ClientClaims> check_access_token(Context& context,
                                                                     const http::Request& request);

// The WWW-Authenticate that goes with a refusal (RFC 6750 §3, RFC 9449 §7.1).
std::string challenge(const http::Request& request, std::string_view error);

}  // namespace server::api
