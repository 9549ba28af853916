#include <boost/json.hpp>

#include "server/api/oauth2/endpoints.h"
#include "server/http/form.h"

namespace server::api::oauth2 {
namespace {

std::optional<std::string> field(const http::Form& form, std::string_view name) {
    const auto value = form.find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

http::Response refuse(const cloudsign::oauth::TokenError& error) {
    auto response = http::error(static_cast<unsigned>(error.http_status),
                                cloudsign::oauth::name(error.code),
                                error.description);
    if (error.http_status == 401) {
        response.with("WWW-Authenticate", "Basic realm=\"kyso\"");  // RFC 6749 §5.2
    }
    return response;
}

}  // namespace

http::Outcome token(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto form = request.has_content_type("application/x-www-form-urlencoded")
                          ? http::Form::parse(request.body)
                          : std::nullopt;
    if (!form) {
        return http::error(
            400,
            "invalid_request",
            "the body must be application/x-www-form-urlencoded, each parameter once");
    }
    cloudsign::oauth::TokenRequest wanted;
    wanted.grant_type = field(*form, "grant_type");
    wanted.client_id = field(*form, "client_id");
    wanted.client_secret = field(*form, "client_secret");
    wanted.scope = field(*form, "scope");
    if (const auto header = request.headers.find("Authorization")) {
        wanted.authorization = std::string(*header);
    }
    const auto granted = context.authorization.token(wanted);
    if (!granted) {
        return refuse(granted.error());
    }
    return http::json(200,
                      {{"access_token", granted->access_token},
                       {"token_type", granted->token_type},
                       {"expires_in", granted->expires_in_s},
                       {"scope", granted->scope}})
        .with("Pragma", "no-cache");
}

}  // namespace server::api::oauth2
