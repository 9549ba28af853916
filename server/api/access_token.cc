#include "server/api/access_token.h"

#include "cloudsign/base64.h"
#include "cloudsign/jose/algorithm.h"
#include "server/api/oauth2/client_request.h"
#include "server/api/security_log.h"

namespace server::api {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::oauth::ClientClaims;
using Scheme = http::AccessToken::Scheme;

Error not_its_owner() {
    return {ErrorKind::unauthenticated, "the access token is bound to another key"};
}

cloudsign::Result<void> check_proof(Context& context,
                                    const http::Request& request,
                                    std::string_view token,
                                    const ClientClaims& claims) {
    const auto proof = oauth2::dpop_proof_in(request);
    if (!proof) {
        return Error{ErrorKind::assertion_refused, "A DPoP proof is required"};
    }
    const auto urls = oauth2::urls_of(context, request);
    const auto key = context.dpop.verify(*proof, {http::method_name(request.method), urls, token});
    if (!key && key.error().kind == ErrorKind::conflict) {
        log_security_event("DPoP proof used again", claims.client_id, request.peer);
        return Error{ErrorKind::assertion_refused, key.error().detail};
    }
    if (!key && key.error().kind == ErrorKind::invalid) {
        return Error{ErrorKind::assertion_refused, key.error().detail};
    }
    if (!key) {
        return key.error();
    }
    if (*key != claims.confirmation.key_thumbprint) {
        return not_its_owner();
    }
    return {};
}

// A SAD opens what signs, and nothing else.
bool scope_allows(const ClientClaims& claims, std::string_view path) {
    return claims.scope != "credential" || path.starts_with("/csc/v1/signatures/") ||
           path.starts_with("/csc/v2/signatures/") || path == "/csc/v2/documents/finish";
}

}  // namespace

cloudsign::Result<ClientClaims> check_access_token(Context& context, const http::Request& request) {
    const auto presented = request.access_token();
    if (!presented) {
        return Error{ErrorKind::invalid, ""};
    }
    TRY_ASSIGN(auto claims, context.tokens.verify(presented->token));
    const auto& bound = claims.confirmation;
    // RFC 9449 §7.1: neither scheme stands for the other.
    if (bound.key_thumbprint.has_value() != (presented->scheme == Scheme::dpop)) {
        return not_its_owner();
    }
    if (bound.certificate &&
        (!request.client_certificate ||
         *bound.certificate != cloudsign::base64url(*request.client_certificate))) {
        return not_its_owner();
    }
    if (bound.key_thumbprint) {
        TRY(check_proof(context, request, presented->token, claims));
    }
    if (!scope_allows(claims, request.path)) {
        return Error{ErrorKind::conflict, "The access token is for signing alone"};
    }
    return claims;
}

std::string challenge(const http::Request& request, std::string_view error) {
    const auto presented = request.access_token();
    if (!presented || presented->scheme == Scheme::bearer) {
        return "Bearer error=\"" + std::string(error) + "\"";
    }
    std::string algorithms;
    for (const auto name : cloudsign::jose::algorithm_names()) {
        algorithms += (algorithms.empty() ? "" : " ") + std::string(name);
    }
    return "DPoP error=\"" + std::string(error) + "\", algs=\"" + algorithms + "\"";
}

}  // namespace server::api
