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
    const auto data =
        context.authorization.metadata({context.urls.api, context.urls.login, context.urls.mtls});
    const auto methods = list(data.token_endpoint_auth_methods_supported);
    const auto algorithms = list(data.token_endpoint_auth_signing_alg_values_supported);
    boost::json::object body{
        {"issuer", data.issuer},
        {"authorization_endpoint", data.authorization_endpoint},
        {"pushed_authorization_request_endpoint", data.pushed_authorization_request_endpoint},
        {"require_pushed_authorization_requests", false},
        {"token_endpoint", data.token_endpoint},
        {"jwks_uri", data.jwks_uri},
        {"revocation_endpoint", data.revocation_endpoint},
        {"grant_types_supported", list(data.grant_types_supported)},
        {"scopes_supported", list(data.scopes_supported)},
        {"response_types_supported", list(data.response_types_supported)},
        {"response_modes_supported", {"query"}},
        {"code_challenge_methods_supported", list(data.code_challenge_methods_supported)},
        {"authorization_details_types_supported", list(data.authorization_details_types_supported)},
        {"authorization_response_iss_parameter_supported", true},
        {"token_endpoint_auth_methods_supported", methods},
        {"token_endpoint_auth_signing_alg_values_supported", algorithms},
        {"revocation_endpoint_auth_methods_supported", methods},
        {"revocation_endpoint_auth_signing_alg_values_supported", algorithms},
        {"dpop_signing_alg_values_supported", list(data.dpop_signing_alg_values_supported)}};
    if (!data.mtls_token_endpoint.empty()) {
        body["tls_client_certificate_bound_access_tokens"] = true;
        body["mtls_endpoint_aliases"] =
            boost::json::object{{"token_endpoint", data.mtls_token_endpoint},
                                {"revocation_endpoint", data.mtls_revocation_endpoint},
                                {"pushed_authorization_request_endpoint",
                                 data.mtls_pushed_authorization_request_endpoint}};
    }
    return http::json(200, body);
}

// The key of our tokens, and the one that signs what portals are told.
http::Outcome jwks(Context& context, const http::Request&, const http::PathParameters&) {
    auto set = boost::json::parse(context.tokens.jwks());
    set.at("keys").as_array().push_back(context.webhook_key.jwk());
    return http::json(200, set);
}

}  // namespace server::api::oauth2
