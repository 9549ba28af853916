#include <spdlog/spdlog.h>

#include "server/api/login/page.h"
#include "server/api/login/visit.h"
#include "server/api/oauth2/client_request.h"
#include "server/api/oauth2/endpoints.h"
#include "server/http/form.h"

namespace server::api::oauth2 {
namespace {

using cloudsign::oauth::AuthorizationError;
using cloudsign::oauth::Authorized;
using cloudsign::oauth::PageLanguage;
using cloudsign::oauth::RequestParameters;

http::Response redirect(const std::string& location) {
    http::Response response;
    response.status = 302;
    return response.with("Location", location);
}

// Nobody is sent anywhere on the word of a request whose client or redirect_uri is not known
// (RFC 6749 §4.1.2.1).
http::Response show(std::string_view reason) {
    return login::failure_page(400, PageLanguage::vi, reason);
}

struct Asked {
    cloudsign::identity::ClientRegistry::Pointer client;
    RequestParameters parameters;
    bool pushed = false;  // its client has authenticated
};

// The parameters of the query, or those that were pushed under its request_uri (RFC 9126 §4).
Authorized<Asked> read(Context& context, std::string_view query) {
    const auto form = http::Form::parse(query);
    if (!form) {
        return AuthorizationError{"invalid_request", "a parameter is malformed, or there twice"};
    }
    Asked asked;
    std::string request_uri;
    for (const auto& [name, value] : form->fields()) {
        if (name == "request_uri") {
            request_uri = value;
        } else if (!value.empty() && cloudsign::oauth::is_request_parameter(name)) {
            asked.parameters.emplace(name, value);
        }
    }
    const auto client_id = asked.parameters.find("client_id");
    if (client_id == asked.parameters.end()) {
        return AuthorizationError{"invalid_request", "Missing parameter client_id"};
    }
    auto client = context.clients.find(client_id->second);
    if (!client || (*client)->status != cloudsign::store::ClientStatus::active) {
        return AuthorizationError{"invalid_request", "Invalid parameter client_id"};
    }
    asked.client = *std::move(client);
    if (!request_uri.empty()) {
        auto pushed = context.authorizations.take(request_uri, asked.client->id);
        if (!pushed) {
            return AuthorizationError{"invalid_request_uri", "Invalid parameter request_uri"};
        }
        asked.parameters = *std::move(pushed);
        asked.pushed = true;
    }
    return asked;
}

}  // namespace

http::Outcome authorize(Context& context,
                        const http::Request& request,
                        const http::PathParameters&) {
    auto asked = read(context, request.query);
    if (!asked) {
        return show(asked.error().description);
    }
    const auto redirect_uri =
        cloudsign::oauth::find_redirect_uri(*asked->client, asked->parameters);
    if (!redirect_uri) {
        return show(redirect_uri.error().description);
    }
    const auto refuse = [&](const AuthorizationError& error) {
        return redirect(login::answer_at(context,
                                         *redirect_uri,
                                         cloudsign::oauth::returned_state(asked->parameters),
                                         login::answer_of(error)));
    };
    const auto wanted = read_authorization(context, *asked->client, asked->parameters);
    if (!wanted) {
        return refuse(wanted.error());
    }
    if (!wanted->code_challenge) {
        spdlog::info("profile.pkce_optional: client {} asks without code_challenge",
                     asked->client->id);
    }
    if (const auto taken = take_account_token(context, *asked->client, asked->parameters); !taken) {
        return refuse(taken.error());
    }
    const auto id =
        context.authorizations.open(asked->client->id,
                                    asked->parameters,
                                    asked->pushed ? std::nullopt : std::optional(request.peer));
    if (!id && id.error().kind == cloudsign::ErrorKind::busy) {
        spdlog::warn("oauth2/authorize: {} from {}", id.error().detail, request.peer);
        return login::failure_page(429, wanted->language, id.error().detail)
            .with("Retry-After", std::to_string(id.error().retry_after_s));
    }
    if (!id) {
        return refuse(login::to_authorization_error(csc::to_refusal(id.error())));
    }
    return redirect("/authorize/" + *id);
}

// Clients build the address from `info.oauth2`, which names the API's host.
http::Outcome authorize_elsewhere(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&) {
    return redirect(context.urls.login + "/oauth2/authorize?" + request.query);
}

}  // namespace server::api::oauth2
