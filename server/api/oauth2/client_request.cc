#include "server/api/oauth2/client_request.h"

#include <algorithm>
#include <spdlog/spdlog.h>

#include "server/api/security_log.h"

namespace server::api::oauth2 {

hsm::Result<http::Form, http::Response> read_form(const http::Request& request) {
    auto form = request.has_content_type("application/x-www-form-urlencoded")
                    ? http::Form::parse(request.body)
                    : std::nullopt;
    if (!form) {
        return http::error(
            400,
            "invalid_request",
            "the body must be application/x-www-form-urlencoded, each parameter once");
    }
    return *std::move(form);
}

std::optional<std::string> field(const http::Form& form, std::string_view name) {
    const auto value = form.find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

cloudsign::oauth::ClientCredentials credentials_in(const http::Request& request,
                                                   const http::Form& form) {
    cloudsign::oauth::ClientCredentials credentials;
    if (const auto header = request.headers.find("Authorization")) {
        credentials.authorization = std::string(*header);
    }
    credentials.client_id = field(form, "client_id");
    credentials.client_secret = field(form, "client_secret");
    credentials.client_assertion_type = field(form, "client_assertion_type");
    credentials.client_assertion = field(form, "client_assertion");
    credentials.certificate = request.client_certificate;
    credentials.peer = request.peer;
    return credentials;
}

std::optional<std::string> dpop_proof_in(const http::Request& request) {
    const auto count = request.headers.count("DPoP");
    if (count == 0) {
        return std::nullopt;
    }
    return count == 1 ? std::string(*request.headers.find("DPoP")) : std::string();
}

std::vector<std::string> urls_of(const Context& context, const http::Request& request) {
    for (const auto& base : {context.urls.mtls, context.urls.portal}) {
        if (!base.empty() &&
            http::host_of(std::string_view(base).substr(base.find("://") + 3)) == request.host) {
            return {base + request.path};
        }
    }
    return {context.urls.api + request.path};
}

cloudsign::oauth::Authorized<cloudsign::oauth::AuthorizationRequest> read_authorization(
    const Context& context,
    const cloudsign::store::Client& client,
    const cloudsign::oauth::RequestParameters& parameters) {
    TRY_ASSIGN(auto wanted, cloudsign::oauth::read_authorization_request(client, parameters));
    if (wanted.signing) {
        TRY(cloudsign::oauth::check_qualifier(*wanted.signing, context.csc.signature_qualifier));
    }
    return wanted;
}

cloudsign::oauth::Authorized<void> take_account_token(
    Context& context,
    const cloudsign::store::Client& client,
    cloudsign::oauth::RequestParameters& parameters) {
    const auto token = parameters.find("account_token");
    if (token == parameters.end()) {
        return {};
    }
    auto signer = context.authorization.signer_named(client, token->second);
    if (!signer) {
        spdlog::info("account_token of client {}: {}", client.id, signer.error().detail);
        return cloudsign::oauth::AuthorizationError{"invalid_request",
                                                    "Invalid parameter account_token"};
    }
    parameters.erase(token);
    parameters.emplace(cloudsign::oauth::account_parameter, *std::move(signer));
    return {};
}

void log_event(const cloudsign::oauth::TokenError& error, const http::Request& request) {
    if (!error.event.empty()) {
        log_security_event(error.event, error.client_id, request.peer);
    }
}

http::Response refuse(const cloudsign::oauth::TokenError& error, const http::Request& request) {
    log_event(error, request);
    if (error.http_status == 500) {
        spdlog::error("internal error: {}", error.description);
        return http::error(500, "server_error", "something went wrong here; it is in the log");
    }
    if (error.http_status == 503) {
        return http::busy(error.description);
    }
    const auto code = cloudsign::oauth::name(error.code);
    if (error.http_status == 429) {
        const auto seconds = std::max<std::int64_t>(1, error.retry_after_s);
        return http::error(429, code, error.description)
            .with("Retry-After", std::to_string(seconds));
    }
    auto response = http::error(static_cast<unsigned>(error.http_status), code, error.description);
    if (error.http_status == 401) {
        response.with("WWW-Authenticate", "Basic realm=\"kyso\"");  // RFC 6749 §5.2
    }
    return response;
}

}  // namespace server::api::oauth2
