#include <boost/json.hpp>

#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/registering.h"
#include "server/api/login/visit.h"

namespace server::api::login {
namespace {

cloudsign::Result<std::string> open_session(Context& context,
                                            const http::Request& request,
                                            std::string_view id) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto sent, read_sent_login(body));
    TRY_ASSIGN(auto authorization, context.authorizations.find(id));
    TRY_ASSIGN(auto secret, context.logins.sign_in(authorization, sent));
    context.authorizations.keep(authorization);
    return secret;
}

}  // namespace

http::Outcome sign_in(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters) {
    const auto secret = open_session(context, request, parameters.id);
    if (!secret) {
        return error_response(secret.error());
    }
    return http::json(200, {{"location", "/authorize/" + std::string(parameters.id)}})
        .with("Set-Cookie", cookie_for(*secret));
}

http::Outcome sign_out(Context& context,
                       const http::Request& request,
                       const http::PathParameters&) {
    if (const auto secret = session_cookie(request)) {
        if (const auto done = context.logins.sign_out(*secret); !done) {
            return error_response(done.error());
        }
        context.signals.signed_out(*secret);
    }
    return http::no_content().with("Set-Cookie", cookie_removed());
}

}  // namespace server::api::login
