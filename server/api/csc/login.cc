#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/calls.h"
#include "server/api/oauth2/client_request.h"
#include "server/api/security_log.h"

// auth/login and auth/revoke (v1 §11.2, §11.3; v2 the same).
namespace server::api::csc {
namespace {

using cloudsign::ErrorKind;
using cloudsign::identity::ApplicationLogins;
using cloudsign::oauth::Grant;
using cloudsign::oauth::GrantOrigin;
using cloudsign::oauth::TokenResponse;

struct BasicPair {
    std::string name;
    std::string password;
};

Refusal malformed() {
    return {401, "invalid_request", "Malformed authentication parameter.", 0};
}

Refusal failed() {
    return {400, "authentication_error", "An error occurred during authentication process", 0};
}

// RFC 7617. Digest is not offered: `authType` does not name it.
Checked<BasicPair> read_basic(const http::Request& request) {
    const auto header = request.headers.find("Authorization");
    constexpr std::string_view scheme = "Basic ";
    if (request.headers.count("Authorization") != 1 || header->size() <= scheme.size() ||
        !http::equal_ignoring_case(header->substr(0, scheme.size()), scheme)) {
        return malformed();
    }
    const auto decoded = cloudsign::from_base64(header->substr(scheme.size()));
    if (!decoded) {
        return malformed();
    }
    const std::string_view text = hsm::text_of(*decoded);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
        return invalid("Malformed username-password.");
    }
    return BasicPair{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

// Whoever guesses is told when to come back; for the rest one answer, whatever was wrong.
Refusal refusal_of(const cloudsign::Error& error) {
    return error.kind == ErrorKind::busy || error.kind == ErrorKind::unavailable ? to_refusal(error)
                                                                                 : failed();
}

Refusal refusal_of(const cloudsign::oauth::TokenError& error) {
    if (error.http_status == 429 || error.http_status >= 500) {
        return {static_cast<unsigned>(error.http_status),
                std::string(cloudsign::oauth::name(error.code)),
                error.description,
                error.retry_after_s};
    }
    return failed();
}

// Here nobody can bind a token to a key or a certificate, so that whoever has to stays out: the
// portal and the persons that it would log in for.
bool may_log_in(Context& context, const Grant& grant) {
    using cloudsign::store::ClientStatus;
    using cloudsign::store::DpopUse;
    using cloudsign::store::TokenAuth;
    const auto client = context.clients.find(grant.client_id);
    if (!client || (*client)->status != ClientStatus::active) {
        return false;
    }
    const auto& settings = (*client)->settings;
    return settings.csc && settings.token_auth == TokenAuth::client_secret &&
           settings.dpop != DpopUse::required &&
           (!grant.signer_id ||
            context.clients.check_may_ask(grant.client_id, *grant.signer_id).has_value());
}

struct LoggedIn {
    Grant grant;  // for whom the tokens will speak: for a person, or for the portal itself
    std::int64_t proof_version = 0;
};

Checked<LoggedIn> authenticate(Context& context,
                               const http::Request& request,
                               const BasicPair& pair) {
    Grant grant;
    grant.origin = GrantOrigin::login;
    if (!pair.name.starts_with(ApplicationLogins::prefix)) {
        cloudsign::oauth::ClientCredentials credentials;
        credentials.client_id = pair.name;
        credentials.client_secret = pair.password;
        credentials.peer = request.peer;
        const auto client = context.authorization.authenticate(credentials);
        if (!client) {
            oauth2::log_event(client.error(), request);
            return refusal_of(client.error());
        }
        grant.client_id = (*client)->id;
        return LoggedIn{std::move(grant), (*client)->proof_version};
    }
    const auto login =
        context.application_logins.authenticate(pair.name, pair.password, request.peer);
    if (!login) {
        if (login.error().kind == ErrorKind::conflict) {
            log_security_event("passwords are guessed", pair.name, request.peer);
        }
        return refusal_of(login.error());
    }
    grant.client_id = login->client_id;
    grant.signer_id = login->signer_id;
    return LoggedIn{std::move(grant), login->proof_version};
}

Checked<TokenResponse> refresh(Context& context,
                               const http::Request& request,
                               const boost::json::value& token) {
    if (!token.is_string() || token.get_string().empty() || token.get_string().size() > 2048) {
        return invalid("Invalid string parameter: refresh_token");
    }
    const std::string refresh_token(token.get_string());
    const auto session = context.authorization.session_of(refresh_token);
    if (!session) {
        return to_refusal(session.error());
    }
    if (!*session || !may_log_in(context, **session)) {
        return invalid("Invalid refresh_token");
    }
    auto refreshed = context.authorization.refresh_session(refresh_token, GrantOrigin::login);
    if (!refreshed) {
        oauth2::log_event(refreshed.error(), request);
        return refreshed.error().http_status == 400 ? invalid("Invalid refresh_token")
                                                    : refusal_of(refreshed.error());
    }
    return *std::move(refreshed);
}

Checked<TokenResponse> log_in(Context& context, const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    TRY_ASSIGN(auto remember, parameters.optional_bool("rememberMe"));
    const auto* token = parameters.find("refresh_token");
    if (token != nullptr && !token->is_null()) {
        return refresh(context, request, *token);
    }
    TRY_ASSIGN(auto pair, read_basic(request));
    TRY_ASSIGN(auto known, authenticate(context, request, pair));
    if (!may_log_in(context, known.grant)) {
        return failed();  // nobody is told which of the two was frozen or disabled
    }
    known.grant.refresh = remember;
    auto session = context.authorization.start_session(known.grant, known.proof_version);
    if (!session) {
        return refusal_of(session.error());
    }
    return *std::move(session);
}

Checked<void> revoke(Context& context, const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    TRY_ASSIGN(auto token, parameters.required_string("token"));
    const auto* hint = parameters.find("token_type_hint");
    if (hint != nullptr && !hint->is_null() && *hint != "access_token" &&
        *hint != "refresh_token") {
        return invalid("Invalid string parameter token_type_hint");
    }
    const auto revoked = context.authorization.revoke(request.principal->client->id, token);
    if (!revoked) {
        return to_refusal(revoked.error());
    }
    if (*revoked == cloudsign::oauth::AuthorizationServer::Revoked::unknown) {
        return invalid("Invalid string parameter token");
    }
    return {};
}

}  // namespace

http::Outcome auth_login(Context& context, const http::Request& request, Version version) {
    const auto session = log_in(context, request, version);
    if (!session) {
        auto response = to_response(session.error());
        if (session.error().status == 401) {
            response.with("WWW-Authenticate", "Basic realm=\"kyso\"");  // RFC 7235 §3.1
        }
        return response;
    }
    boost::json::object answer{{"access_token", session->access_token},
                               {"expires_in", session->expires_in_s}};
    if (session->refresh_token) {
        answer["refresh_token"] = *session->refresh_token;
    }
    return http::json(200, answer);
}

http::Outcome auth_revoke(Context& context, const http::Request& request, Version version) {
    const auto revoked = revoke(context, request, version);
    return revoked ? http::no_content() : to_response(revoked.error());
}

}  // namespace server::api::csc
