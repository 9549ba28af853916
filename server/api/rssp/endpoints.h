#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// RSSP v2 (profile rssp-119.432-v2.0), the dialect of the government's central signing service:
// cloudsign/rssp/RSSP.md.
namespace server::api::rssp {

http::Outcome login(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome revoke(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome credentials_list(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome credentials_info(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome credentials_authorize(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&);
http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             const http::PathParameters&);
// credentials/sendOTP, auth/getTwoFactorMethod, auth/finalizeLogin: refused by name.
http::Outcome not_supported(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);
http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);

// For the guard: a bearer that is none, or of a client to which this door is closed.
http::Response refuse_bearer(const cloudsign::Error& error);

}  // namespace server::api::rssp
