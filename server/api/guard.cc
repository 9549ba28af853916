#include "server/api/guard.h"

#include "server/api/access_token.h"
#include "server/api/context.h"
#include "server/api/cookie.h"
#include "server/api/csc/parameters.h"
#include "server/api/error_response.h"
#include "server/api/office/act.h"
#include "server/api/routes.h"
#include "server/api/rssp/endpoints.h"
#include "server/api/security_log.h"

namespace server::api {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;

// CSC words the same refusals in its own way, and v1 and v2 differently.
http::Response refuse_client(const http::Request& request, const Error& error) {
    if (request.path.starts_with("/rssp/")) {
        return rssp::refuse_bearer(error);
    }
    if (error.kind == ErrorKind::invalid && request.path == "/csc/v1/credentials/sendOTP") {
        return csc::to_response(csc::invalid("Malformed authroization header."));  // v1 §11.8: sic
    }
    switch (error.kind) {
        case ErrorKind::invalid:
            return csc::to_response(
                csc::invalid(request.path.starts_with("/csc/v1/")
                                 ? std::string(csc::names(csc::Version::v1).malformed)
                                 : "Malformed authorization header"));
        case ErrorKind::forbidden:
            return http::error(400, "unauthorized_client", "The client may not use this API");
        case ErrorKind::assertion_refused:
            return http::error(401, "invalid_dpop_proof", error.detail)
                .with("WWW-Authenticate", challenge(request, "invalid_dpop_proof"));
        case ErrorKind::conflict:
            return http::error(403, "insufficient_scope", error.detail)
                .with("WWW-Authenticate", challenge(request, "insufficient_scope"));
        default:
            return csc::to_response(csc::to_refusal(error))
                .with("WWW-Authenticate", challenge(request, "invalid_token"));
    }
}

std::optional<http::Response> check_client(Context& context, http::Request& request) {
    auto client = find_client(context, request);
    if (!client) {
        return refuse_client(request, client.error());
    }
    request.principal = std::make_shared<const Principal>(*std::move(client));
    return std::nullopt;
}

std::optional<http::Response> check_device(Context& context, http::Request& request) {
    const auto bearer = request.bearer();
    auto device = bearer ? context.devices.authenticate(*bearer)
                         : cloudsign::Result<cloudsign::identity::DeviceSessions::Pointer>(
                               Error{ErrorKind::unauthenticated, "send the device's session"});
    if (!device) {
        return error_response(device.error());
    }
    request.principal =
        std::make_shared<const Principal>(Principal{nullptr, std::nullopt, *std::move(device), {}});
    return std::nullopt;
}

std::optional<http::Response> check_newcomer(Context& context, http::Request& request) {
    const auto bearer = request.bearer();
    auto move = bearer ? context.moves.authenticate(*bearer)
                       : cloudsign::Result<std::shared_ptr<const cloudsign::store::PhoneMove>>(
                             Error{ErrorKind::unauthenticated, "send the new phone's session"});
    if (!move) {
        return error_response(move.error());
    }
    Principal principal;
    principal.move = *std::move(move);
    request.principal = std::make_shared<const Principal>(std::move(principal));
    return std::nullopt;
}

// Cookies come along with whatever page sends a request; its origin does not lie (RFC 6454 §7.3).
std::optional<http::Response> check_browser(std::string_view page, const http::Request& request) {
    const bool reads = request.method == http::Method::get || request.method == http::Method::head;
    if (!reads && request.headers.find("Origin") != page) {
        return error_response({ErrorKind::forbidden, "the request comes from another page"});
    }
    return std::nullopt;
}

bool may(cloudsign::store::OfficeRole role, http::Guard guard) {
    using enum cloudsign::store::OfficeRole;
    switch (guard) {
        case http::Guard::office:
            return true;
        case http::Guard::office_registrar:
            return role == registrar;
        case http::Guard::office_signers:
            return role == registrar || role == administrator;
        case http::Guard::office_records:
            return role == auditor || role == administrator;
        default:
            return false;
    }
}

std::optional<http::Response> check_office(Context& context,
                                           http::Guard guard,
                                           http::Request& request) {
    if (auto refused = check_browser(context.urls.office, request)) {
        return refused;
    }
    const auto secret = cookie_of(request, office::cookie_name);
    const auto session = context.office_logins.session(secret.value_or(""));
    if (!session) {
        return error_response(session.error());
    }
    auto user = context.office_users.find(session->owner_id);
    if (!user) {
        return error_response(user.error());
    }
    if (!may(user->role, guard)) {
        log_office_act(user->id, "is refused", request.path, request.peer);
        return error_response({ErrorKind::forbidden, "another role may do this"});
    }
    Principal principal;
    principal.office_user = *std::move(user);
    request.principal = std::make_shared<const Principal>(std::move(principal));
    return std::nullopt;
}

}  // namespace

cloudsign::Result<Principal> find_client(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto claims, check_access_token(context, request));
    auto client = context.clients.find(claims.client_id);
    if (!client || (*client)->status != cloudsign::store::ClientStatus::active) {
        return Error{ErrorKind::unauthenticated, "the client is unknown or disabled"};
    }
    if ((*client)->settings.dpop == cloudsign::store::DpopUse::required &&
        !claims.confirmation.key_thumbprint) {
        return Error{ErrorKind::unauthenticated, "the client's tokens are bound to a key"};
    }
    if (request.path.starts_with("/csc/") && !(*client)->settings.csc) {
        return Error{ErrorKind::forbidden, "the client may not use this API"};
    }
    if (request.path.starts_with("/rssp/") && !(*client)->settings.rssp) {
        return Error{ErrorKind::forbidden, "this client may not use RSSP"};
    }
    auto signer_id = claims.signer_id;
    return Principal{*std::move(client), std::move(signer_id), nullptr, std::move(claims)};
}

std::optional<http::Response> check_guard(Context& context,
                                          http::Guard guard,
                                          http::Request& request) {
    switch (guard) {
        case http::Guard::open:
        case http::Guard::local:  // the shell lets only the admin socket reach such a route
            return std::nullopt;
        case http::Guard::client:
            return check_client(context, request);
        case http::Guard::device:
            return check_device(context, request);
        case http::Guard::newcomer:
            return check_newcomer(context, request);
        case http::Guard::browser:
            return check_browser(context.urls.login, request);
        case http::Guard::office_page:
            return check_browser(context.urls.office, request);
        case http::Guard::office:
        case http::Guard::office_registrar:
        case http::Guard::office_signers:
        case http::Guard::office_records:
            return check_office(context, guard, request);
    }
    return error_response({ErrorKind::internal, "guard"});
}

}  // namespace server::api
