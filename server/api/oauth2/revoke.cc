#include "server/api/error_response.h"
#include "server/api/oauth2/client_request.h"
#include "server/api/oauth2/endpoints.h"

namespace server::api::oauth2 {
namespace {

using Revoked = cloudsign::oauth::AuthorizationServer::Revoked;

http::Response bad_request(std::string_view description) {
    return http::error(400, "invalid_request", description);
}

// What became of the token, or the refusal of the request.
hsm::Result<Revoked, http::Response> end_token(Context& context,
                                               const http::Request& request,
                                               const http::Form& form) {
    const auto token = field(form, "token");
    if (!token || token->empty()) {
        return bad_request("Missing parameter token");
    }
    const auto client = context.authorization.authenticate(credentials_in(request, form));
    if (!client) {
        return refuse(client.error(), request);
    }
    const auto revoked = context.authorization.revoke((*client)->id, *token);
    if (!revoked) {
        return error_response(revoked.error());
    }
    return *revoked;
}

}  // namespace

http::Outcome revoke(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto form = read_form(request);
    if (!form) {
        return form.error();
    }
    const auto hint = field(*form, "token_type_hint").value_or("access_token");
    if (hint != "access_token" && hint != "refresh_token") {
        return bad_request("Invalid parameter token_type_hint");
    }
    const auto revoked = end_token(context, request, *form);
    if (!revoked) {
        return revoked.error();
    }
    return *revoked == Revoked::done ? http::no_content()
                                     : bad_request("Invalid string parameter token");
}

// RFC 7009 §2.1 and §2.2: an unknown hint is no error, nor is an unknown token.
http::Outcome revocation(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto form = read_form(request);
    if (!form) {
        return form.error();
    }
    const auto revoked = end_token(context, request, *form);
    return revoked ? http::Response() : revoked.error();
}

}  // namespace server::api::oauth2
