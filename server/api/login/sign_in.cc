#include <boost/json.hpp>

#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/visit.h"

namespace server::api::login {
namespace {

cloudsign::Result<cloudsign::login::SentLogin> read(const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    cloudsign::login::SentLogin sent;
    TRY_ASSIGN(sent.credential_id, bytes_member(body, "credential_id", 1023));
    TRY_ASSIGN(sent.authenticator_data, bytes_member(body, "authenticator_data", 256));
    TRY_ASSIGN(sent.client_data_json, bytes_member(body, "client_data_json", 1024));
    TRY_ASSIGN(sent.signature, bytes_member(body, "signature", 128));
    return sent;
}

cloudsign::Result<std::string> open_session(Context& context,
                                            const http::Request& request,
                                            std::string_view id) {
    TRY_ASSIGN(auto sent, read(request));
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
    }
    return http::no_content().with("Set-Cookie", cookie_removed());
}

}  // namespace server::api::login
