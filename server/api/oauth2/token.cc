#include <boost/json.hpp>

#include "server/api/oauth2/client_request.h"
#include "server/api/oauth2/endpoints.h"

namespace server::api::oauth2 {

http::Outcome token(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto form = read_form(request);
    if (!form) {
        return form.error();
    }
    cloudsign::oauth::TokenRequest wanted;
    wanted.client = credentials_in(request, *form);
    wanted.grant_type = field(*form, "grant_type");
    wanted.scope = field(*form, "scope");
    wanted.code = field(*form, "code");
    wanted.redirect_uri = field(*form, "redirect_uri");
    wanted.code_verifier = field(*form, "code_verifier");
    wanted.refresh_token = field(*form, "refresh_token");
    wanted.dpop_proof = dpop_proof_in(request);
    wanted.urls = urls_of(context, request);
    const auto granted = context.authorization.token(wanted);
    if (!granted) {
        return refuse(granted.error(), request);
    }
    boost::json::object body{{"access_token", granted->access_token},
                             {"token_type", granted->token_type},
                             {"expires_in", granted->expires_in_s},
                             {"scope", granted->scope}};
    if (granted->refresh_token) {
        body["refresh_token"] = *granted->refresh_token;
    }
    if (!granted->authorization_details.empty()) {
        body["authorization_details"] = boost::json::parse(granted->authorization_details);
    }
    return http::json(200, body).with("Pragma", "no-cache");
}

}  // namespace server::api::oauth2
