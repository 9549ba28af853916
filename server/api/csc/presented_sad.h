#pragma once

#include "server/api/context.h"
#include "server/api/csc/parameters.h"

// A SAD is a ticket of credentials/authorize, or an access token of scope credential.
namespace server::api::csc {

Refusal sad_expired();

// Parameter SAD; in v2 the access token of the call itself when it is of scope credential.
Checked<std::string> read_sad_text(const http::Request& request,
                                   const Parameters& parameters,
                                   Version version);

// The transaction that it names. "Invalid parameter SAD" for one that names none of this client, or
// is bound to another key than the call (RFC 9449, RFC 8705); "SAD expired".
Checked<cloudsign::store::Transaction> find_by_sad(Context& context,
                                                   const Principal& principal,
                                                   const std::string& sad);

}  // namespace server::api::csc
