#include "cloudsign/oauth/authorization_server.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/jose/algorithm.h"
#include "cloudsign/oauth/authorization_details.h"

namespace cloudsign::oauth {
namespace {

TokenError bad_request(std::string description) {
    return {TokenErrorCode::invalid_request, 400, std::move(description)};
}

TokenError bad_scope() {
    return {TokenErrorCode::invalid_scope, 400, "Invalid parameter scope"};
}

// What each grant type needs, before anybody pays for a password.
std::optional<TokenError> what_is_missing(const TokenRequest& request) {
    if (!request.grant_type) {
        return bad_request("Missing parameter grant_type");
    }
    if (*request.grant_type == "client_credentials") {
        const bool service = request.scope.value_or("").empty() || request.scope == "service";
        return service ? std::nullopt : std::optional(bad_scope());
    }
    if (*request.grant_type == "authorization_code") {
        return request.code ? std::nullopt : std::optional(bad_request("Missing parameter code"));
    }
    if (*request.grant_type == "refresh_token") {
        return request.refresh_token
                   ? std::nullopt
                   : std::optional(bad_request("Missing parameter refresh_token"));
    }
    return TokenError{TokenErrorCode::unsupported_grant_type, 400, "Invalid parameter grant_type"};
}

}  // namespace

hsm::Result<TokenResponse, TokenError> AuthorizationServer::token(const TokenRequest& request) {
    if (auto missing = what_is_missing(request)) {
        return *std::move(missing);
    }
    TRY_ASSIGN(auto client, authenticator_.authenticate(request.client));
    TRY_ASSIGN(auto confirmed, confirmation(request, *client));
    if (request.grant_type == "authorization_code") {
        return by_code(request, *client, confirmed);
    }
    if (request.grant_type == "refresh_token") {
        // Only grants of scope service have refresh tokens.
        if (!request.scope.value_or("").empty() && request.scope != "service") {
            return bad_scope();
        }
        return by_refresh_token({*request.refresh_token, GrantOrigin::authorization, client->id},
                                confirmed);
    }
    // Whoever knows its name could: RFC 6749 §4.4.
    if (client->settings.token_auth == store::TokenAuth::none) {
        return TokenError{TokenErrorCode::unauthorized_client,
                          400,
                          "This client acts for people who sign in, never for itself"};
    }
    return by_client(*client, confirmed);
}

hsm::Result<Confirmation, TokenError> AuthorizationServer::confirmation(
    const TokenRequest& request, const store::Client& client) {
    const auto bad_proof = [](std::string description) {
        return TokenError{TokenErrorCode::invalid_dpop_proof, 400, std::move(description)};
    };
    Confirmation confirmation;
    if (request.dpop_proof) {
        auto thumbprint = dpop_.verify(*request.dpop_proof, {"POST", request.urls, std::nullopt});
        if (!thumbprint) {
            const auto& error = thumbprint.error();
            if (error.kind == ErrorKind::conflict) {
                return with_event(bad_proof(error.detail), "DPoP proof used again", client.id);
            }
            return error.kind == ErrorKind::invalid ? bad_proof(error.detail) : failure_of(error);
        }
        confirmation.key_thumbprint = *std::move(thumbprint);
    } else if (client.settings.dpop == store::DpopUse::required) {
        return bad_proof("A DPoP proof is required");
    }
    // RFC 8705 §3: who signs in by certificate gets tokens for that certificate alone.
    if (client.settings.token_auth == store::TokenAuth::tls_client_auth) {
        confirmation.certificate = base64url(*request.client.certificate);
    }
    return confirmation;
}

AuthorizationServer::Answer AuthorizationServer::by_client(const store::Client& client,
                                                           const Confirmation& confirmation) {
    RedeemedGrant own;
    own.grant.client_id = client.id;
    return answer(own, confirmation, std::nullopt);
}

AuthorizationServer::Answer AuthorizationServer::by_code(const TokenRequest& request,
                                                         const store::Client& client,
                                                         const Confirmation& confirmation) {
    Redemption redemption;
    redemption.code = *request.code;
    redemption.client_id = client.id;
    redemption.redirect_uri = request.redirect_uri;
    redemption.code_verifier = request.code_verifier;
    redemption.key_thumbprint = confirmation.key_thumbprint;
    TRY_ASSIGN(auto redeemed, codes_.redeem(redemption));
    std::optional<std::string> refresh_token;
    if (redeemed.grant.refresh) {
        auto issued = refresh_tokens_.issue(redeemed.grant_id, client.proof_version);
        if (!issued) {
            return failure_of(issued.error());
        }
        refresh_token = *std::move(issued);
    }
    return answer(redeemed, confirmation, std::move(refresh_token));
}

AuthorizationServer::Answer AuthorizationServer::by_refresh_token(
    const RefreshTokens::Presented& presented, const Confirmation& confirmation) {
    TRY_ASSIGN(auto rotated, refresh_tokens_.rotate(presented));
    return answer(rotated.redeemed, confirmation, std::move(rotated.refresh_token));
}

AuthorizationServer::Answer AuthorizationServer::answer(const RedeemedGrant& redeemed,
                                                        const Confirmation& confirmation,
                                                        std::optional<std::string> refresh_token) {
    const auto& grant = redeemed.grant;
    TokenGrant wanted;
    wanted.client_id = grant.client_id;
    wanted.signer_id = grant.signer_id;
    wanted.scope = grant.scope;
    wanted.grant_id = redeemed.grant_id;
    wanted.transaction_id = grant.transaction_id;
    wanted.confirmation = confirmation;
    wanted.until_ms = grant.access_until_ms;
    auto issued = tokens_.issue(wanted);
    if (!issued && issued.error().kind == ErrorKind::expired) {
        return invalid_grant("Authorization code is invalid or expired");
    }
    if (!issued) {
        return failure_of(issued.error());
    }
    TokenResponse response;
    response.access_token = std::move(issued->token);
    response.expires_in_s = issued->expires_in_s;
    response.scope = grant.scope;
    response.refresh_token = std::move(refresh_token);
    response.authorization_details = grant.authorization_details;
    if (confirmation.key_thumbprint) {
        response.token_type = "DPoP";
    } else if (grant.token_type == TokenType::sad) {
        response.token_type = "SAD";
    }
    return response;
}

hsm::Result<TokenResponse, TokenError> AuthorizationServer::start_session(
    const Grant& grant, std::int64_t proof_version) {
    RedeemedGrant session{grant, {}};
    // A person's tokens end with their password, so that they all have a grant.
    if (!grant.refresh && !grant.signer_id) {
        return answer(session, {}, std::nullopt);
    }
    auto opened = refresh_tokens_.open(grant, proof_version);
    if (!opened) {
        return opened.error().kind == ErrorKind::unauthenticated
                   ? invalid_grant(opened.error().detail)
                   : failure_of(opened.error());
    }
    session.grant_id = *std::move(opened);
    if (!grant.refresh) {
        return answer(session, {}, std::nullopt);
    }
    auto refresh_token = refresh_tokens_.issue(session.grant_id, proof_version);
    if (!refresh_token) {
        return failure_of(refresh_token.error());
    }
    return answer(session, {}, *std::move(refresh_token));
}

hsm::Result<TokenResponse, TokenError> AuthorizationServer::refresh_session(
    const std::string& refresh_token, GrantOrigin at) {
    return by_refresh_token({refresh_token, at, std::nullopt}, {});
}

Result<AuthorizationServer::Revoked> AuthorizationServer::revoke(const std::string& client_id,
                                                                 const std::string& token) {
    constexpr std::int64_t margin_ms = 1000;
    // The form tells them apart; a hint could only be wrong.
    if (token.find('.') == std::string::npos) {
        TRY_ASSIGN(auto known, refresh_tokens_.revoke(token, client_id));
        return known ? Revoked::done : Revoked::unknown;
    }
    const auto claims = tokens_.read(token);
    if (!claims) {
        return claims.error().kind == ErrorKind::token_expired ? Revoked::done : Revoked::unknown;
    }
    if (claims->client_id != client_id) {
        return Revoked::unknown;
    }
    TRY(revocations_.revoke_token(claims->token_id, claims->expires_at_s * 1000 + margin_ms));
    return Revoked::done;
}

Metadata AuthorizationServer::metadata(const Bases& bases) const {
    const auto& base = bases.api;
    const auto& mtls_base = bases.mtls;
    const auto algorithms = jose::algorithm_names();
    Metadata metadata;
    metadata.issuer = tokens_.settings().issuer;
    metadata.token_endpoint = base + "/oauth2/token";
    metadata.jwks_uri = base + "/oauth2/jwks";
    metadata.revocation_endpoint = base + "/revoke";
    metadata.authorization_endpoint = bases.login + "/oauth2/authorize";
    metadata.pushed_authorization_request_endpoint = base + "/oauth2/pushed_authorize";
    metadata.response_types_supported = {"code"};
    metadata.code_challenge_methods_supported = {"S256"};
    metadata.authorization_details_types_supported = {std::begin(credential_types),
                                                      std::end(credential_types)};
    metadata.grant_types_supported = {"authorization_code", "client_credentials", "refresh_token"};
    metadata.scopes_supported = {"service", "credential"};
    metadata.token_endpoint_auth_methods_supported = {
        "client_secret_basic", "client_secret_post", "private_key_jwt", "none"};
    metadata.token_endpoint_auth_signing_alg_values_supported = {algorithms.begin(),
                                                                 algorithms.end()};
    metadata.dpop_signing_alg_values_supported = {algorithms.begin(), algorithms.end()};
    if (!mtls_base.empty()) {
        metadata.token_endpoint_auth_methods_supported.emplace_back("tls_client_auth");
        metadata.token_endpoint_auth_methods_supported.emplace_back("self_signed_tls_client_auth");
        metadata.mtls_token_endpoint = mtls_base + "/oauth2/token";
        metadata.mtls_revocation_endpoint = mtls_base + "/revoke";
        metadata.mtls_pushed_authorization_request_endpoint =
            mtls_base + "/oauth2/pushed_authorize";
    }
    return metadata;
}

}  // namespace cloudsign::oauth
