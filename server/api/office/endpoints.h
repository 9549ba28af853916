#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// The office's host: its app, and what that asks. Who may ask is the route's guard.
namespace server::api::office {

http::Outcome app_page(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome app_file(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);

http::Outcome registration_options(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome registration(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);
http::Outcome sign_in_options(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome sign_in(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome sign_out(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome me(Context& context, const http::Request& request, const http::PathParameters&);

http::Outcome list_signers(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);
http::Outcome show_signer(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);
http::Outcome add_signer(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters);
http::Outcome set_email(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters);
http::Outcome set_status(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters);
http::Outcome lost_phone(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters);
http::Outcome invite(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
http::Outcome change_credential(Context& context,
                                const http::Request& request,
                                const http::PathParameters& parameters);
http::Outcome request_certification(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters& parameters);
http::Outcome renew(Context& context,
                    const http::Request& request,
                    const http::PathParameters& parameters);
http::Outcome waiting(Context& context, const http::Request& request, const http::PathParameters&);

http::Outcome list_transactions(Context& context,
                                const http::Request& request,
                                const http::PathParameters&);
http::Outcome show_transaction(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters);
http::Outcome audit(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome check_audit(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);

}  // namespace server::api::office
