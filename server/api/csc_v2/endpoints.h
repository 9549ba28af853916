#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// CSC API v2.0 (chapter 11), below /csc/v2.
namespace server::api::csc_v2 {

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
http::Outcome credentials_authorize_check(Context& context,
                                          const http::Request& request,
                                          const http::PathParameters&);
http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome credentials_get_challenge(Context& context,
                                        const http::Request& request,
                                        const http::PathParameters&);
http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             const http::PathParameters&);
http::Outcome credentials_send_otp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome documents_prepare(Context& context,
                                const http::Request& request,
                                const http::PathParameters&);
http::Outcome documents_discard(Context& context,
                                const http::Request& request,
                                const http::PathParameters&);
http::Outcome documents_finish(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome signatures_raised_document(Context& context,
                                         const http::Request& request,
                                         const http::PathParameters&);
http::Outcome signatures_sign_polling(Context& context,
                                      const http::Request& request,
                                      const http::PathParameters&);
http::Outcome signatures_sign_doc(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&);
http::Outcome signatures_timestamp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome credentials_create(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters&);
http::Outcome credentials_delete(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters&);

}  // namespace server::api::csc_v2
