#include <boost/json.hpp>

#include "server/api/oauth2/client_request.h"
#include "server/api/oauth2/endpoints.h"

namespace server::api::oauth2 {
namespace {

using cloudsign::oauth::AuthorizationRequests;
using cloudsign::oauth::RequestParameters;

http::Response bad_request(const cloudsign::oauth::AuthorizationError& error) {
    return http::error(400, error.error, error.description);
}

// What an authorization request is made of, and nothing that proves who the client is.
RequestParameters parameters_in(const http::Form& form, const std::string& client_id) {
    RequestParameters parameters;
    for (const auto& [name, value] : form.fields()) {
        if (!value.empty() && cloudsign::oauth::is_request_parameter(name)) {
            parameters.emplace(name, value);
        }
    }
    parameters["client_id"] = client_id;  // a header may have said it alone
    return parameters;
}

}  // namespace

// RFC 9126 §2.1: judged as at the authorization endpoint, by the same rules.
http::Outcome pushed_authorize(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto form = read_form(request);
    if (!form) {
        return form.error();
    }
    const auto client = context.authorization.authenticate(credentials_in(request, *form));
    if (!client) {
        return refuse(client.error(), request);
    }
    // Of one that proves nothing, pushed requests would be anybody's, without a bound for each
    // sender.
    if ((*client)->settings.token_auth == cloudsign::store::TokenAuth::none) {
        return http::error(400, "unauthorized_client", "This client may not push its requests");
    }
    if (form->find("request_uri")) {
        return bad_request({"invalid_request", "Invalid parameter request_uri"});
    }
    auto parameters = parameters_in(*form, (*client)->id);
    const auto wanted = read_authorization(context, **client, parameters);
    if (!wanted) {
        return bad_request(wanted.error());
    }
    if (const auto taken = take_account_token(context, **client, parameters); !taken) {
        return bad_request(taken.error());
    }
    const auto uri = context.authorizations.push((*client)->id, parameters);
    if (!uri) {
        return refuse(cloudsign::oauth::failure_of(uri.error()), request);
    }
    return http::json(
        201,
        {{"request_uri", *uri}, {"expires_in", AuthorizationRequests::pushed_lifetime_ms / 1000}});
}

}  // namespace server::api::oauth2
