#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// What a browser sees of us: signing in, consent, waiting for the phone. Everything is on the login
// host. Pages are HTML; what their script sends is JSON.
namespace server::api::login {

// The page of an authorization that oauth2/authorize has begun: sign-in, consent or waiting,
// whichever comes next.
http::Outcome show(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters);
http::Outcome sign_in(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters);
http::Outcome sign_out(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome decide(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
// A stream that says when it is worth asking for the outcome.
http::Outcome events(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
// {"location": …} once the phone has answered; {"state": …} when it has not for a while.
http::Outcome outcome(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters);
// What the phone is held to: the picture and the link of this moment.
http::Outcome start_image(Context& context,
                          const http::Request& request,
                          const http::PathParameters& parameters);
http::Outcome start_link(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters);

// Making a sign-in passkey by invitation.
http::Outcome registration_page(Context& context,
                                const http::Request& request,
                                const http::PathParameters&);
http::Outcome registration_options(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&);
http::Outcome registration(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);

http::Outcome script(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome style(Context& context, const http::Request& request, const http::PathParameters&);

}  // namespace server::api::login
