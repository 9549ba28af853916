#include <boost/json.hpp>

#include "server/api/oauth2/endpoints.h"

namespace server::api::oauth2 {
namespace {

boost::json::array list(const std::vector<std::string>& texts) {
    boost::json::array list;
    for (const auto& text : texts) {
        list.push_back(boost::json::string(text));
    }
    return list;
}

}  // namespace

http::Outcome metadata(Context& context, const http::Request&, const http::PathParameters&) {
    const auto data = context.authorization.metadata(context.urls.api);
    return http::json(200,
                      {{"issuer", data.issuer},
                       {"token_endpoint", data.token_endpoint},
                       {"jwks_uri", data.jwks_uri},
                       {"grant_types_supported", list(data.grant_types_supported)},
                       {"scopes_supported", list(data.scopes_supported)},
                       {"response_types_supported", list(data.response_types_supported)},
                       {"token_endpoint_auth_methods_supported",
                        list(data.token_endpoint_auth_methods_supported)}});
}

http::Outcome jwks(Context& context, const http::Request&, const http::PathParameters&) {
    return http::json_text(200, context.tokens.jwks());
}

}  // namespace server::api::oauth2
