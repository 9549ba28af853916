#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// CSC API v1.0.4.0 (chapter 11), below /csc/v1.
namespace server::api::csc_v1 {

http::Outcome info(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome auth_login(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome auth_revoke(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);
http::Outcome credentials_list(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome credentials_info(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome credentials_authorize(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&);
http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             const http::PathParameters&);
http::Outcome credentials_send_otp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome signatures_timestamp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);

}  // namespace server::api::csc_v1
