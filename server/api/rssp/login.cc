#include <algorithm>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/rssp/ssl2.h"
#include "server/api/oauth2/client_request.h"
#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"
#include "server/api/rssp/login_header.h"

namespace server::api::rssp {
namespace {

namespace json = boost::json;
using cloudsign::oauth::ClientCredentials;
using cloudsign::oauth::TokenResponse;
using cloudsign::store::Client;
using cloudsign::store::Signer;
using ClientPointer = cloudsign::identity::ClientRegistry::Pointer;
using SignerPointer = std::shared_ptr<const Signer>;

Problem bad_login() {
    return {Number::bad_login, "the relying party's login is wrong"};
}

Problem closed() {
    return {Number::not_allowed, "this client may not use RSSP"};
}

Checked<ClientPointer> authenticate(Context& context,
                                    const http::Request& request,
                                    const ClientCredentials& credentials) {
    auto client = context.authorization.authenticate(credentials);
    if (!client) {
        oauth2::log_event(client.error(), request);
        return to_problem(client.error(), bad_login());
    }
    if (!(*client)->settings.rssp) {
        return closed();
    }
    if ((*client)->settings.dpop == cloudsign::store::DpopUse::required) {
        return Problem{Number::not_allowed,
                       "the client's tokens are bound to a key: get one at the token endpoint"};
    }
    return *std::move(client);
}

bool has_its_certificate(const http::Request& request, const Client& client) {
    const auto& known = client.settings.certificates_sha256;
    return request.client_certificate &&
           std::ranges::find(known, cloudsign::hex(*request.client_certificate)) != known.end();
}

// Password and SHA-1 signature are weak: the dialect's own login counts only together with the
// client's TLS certificate, where the operator has switched it on.
Checked<ClientPointer> by_ssl2(Context& context,
                               const http::Request& request,
                               std::string_view value) {
    const auto header = cloudsign::rssp::Ssl2::parse(value);
    if (!header) {
        return bad_login();
    }
    ClientCredentials credentials;
    credentials.client_id = header->user;
    credentials.client_secret = header->password;
    credentials.peer = request.peer;
    TRY_ASSIGN(auto client, authenticate(context, request, credentials));
    if (!client->settings.rssp_ssl2) {
        return Problem{Number::not_allowed, "SSL2 is not switched on for this client"};
    }
    if (!has_its_certificate(request, *client)) {
        return Problem{Number::not_allowed, "SSL2 needs the client's TLS certificate beside it"};
    }
    const auto right = context.ssl2.check(
        *header, client->settings.rssp_public_key, client->settings.rssp_signature);
    if (!right) {
        return right.error().kind == cloudsign::ErrorKind::busy ? to_problem(right.error())
                                                                : bad_login();
    }
    spdlog::warn("rssp: client {} logged in by SSL2 (SHA-1) beside its TLS certificate, request {}",
                 client->id,
                 request.id);
    return client;
}

Checked<ClientPointer> by_secret(Context& context,
                                 const http::Request& request,
                                 std::string_view basic) {
    ClientCredentials credentials;
    credentials.authorization = "Basic " + std::string(basic);
    credentials.peer = request.peer;
    return authenticate(context, request, credentials);
}

// For whom the relying party asks. They prove themselves on the phone.
Checked<SignerPointer> find_user(Context& context, const Client& client, std::string_view value) {
    const auto named = read_login_user(value);
    if (!named) {
        return Problem{Number::bad_login, named.error().detail};
    }
    auto signer = named->named == LoginUser::Named::by_account
                      ? context.signers.find_by_account(named->user)
                      : context.signers.find(named->user);
    const auto allowed = signer ? context.clients.check_may_ask(client.id, (*signer)->id)
                                : cloudsign::Result<void>(signer.error());
    if (allowed) {
        return *std::move(signer);
    }
    switch (allowed.error().kind) {
        case cloudsign::ErrorKind::credential_locked:
            return Problem{Number::account_blocked, "the account is blocked"};
        case cloudsign::ErrorKind::not_found:
        case cloudsign::ErrorKind::forbidden:
            return Problem{Number::no_such_account, "there is no such account"};
        default:
            return to_problem(allowed.error());
    }
}

json::object session_json(const TokenResponse& session) {
    return {{"accessToken", session.access_token},
            {"refreshToken", session.refresh_token.value_or("")},
            {"expiresIn", session.expires_in_s}};
}

// What a login asks is asked at each renewal.
Checked<void> check_may_go_on(Context& context, const cloudsign::oauth::Grant& grant) {
    const Problem none{Number::token_invalid, "the refresh token is none any more"};
    const auto client = context.clients.find(grant.client_id);
    if (!client || (*client)->status != cloudsign::store::ClientStatus::active) {
        return none;
    }
    const auto& settings = (*client)->settings;
    if (!settings.rssp) {
        return closed();
    }
    const bool may_go_on =
        settings.token_auth == cloudsign::store::TokenAuth::client_secret &&
        settings.dpop != cloudsign::store::DpopUse::required &&
        (!grant.signer_id ||
         context.clients.check_may_ask(grant.client_id, *grant.signer_id).has_value());
    return may_go_on ? Checked<void>() : Checked<void>(none);
}

Checked<json::object> refresh(Context& context,
                              const http::Request& request,
                              const std::string& token) {
    const Problem none{Number::token_invalid, "the refresh token is none any more"};
    const auto known = context.authorization.session_of(token);
    if (!known) {
        return to_problem(known.error());
    }
    if (!*known) {
        return none;
    }
    TRY(check_may_go_on(context, **known));
    const auto session =
        context.authorization.refresh_session(token, cloudsign::oauth::GrantOrigin::rssp);
    if (!session) {
        oauth2::log_event(session.error(), request);
        return to_problem(session.error(), none);
    }
    return session_json(*session);
}

// rememberMeEnabled, after the types of what else a login says.
csc::Checked<bool> read_body(const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    for (const auto* name : {"relyingParty", "profile"}) {
        TRY(parameters.optional_string(name, 255));
    }
    return parameters.optional_bool("rememberMeEnabled");
}

Checked<json::object> open_session(Context& context, const http::Request& request) {
    const auto header = read_login_header(request);
    if (!header) {
        return Problem{Number::bad_login, header.error().detail};
    }
    const auto remember = read_body(request);
    if (!remember) {
        return to_problem(remember.error());
    }
    if (header->refresh_token) {
        return refresh(context, request, std::string(*header->refresh_token));
    }
    TRY_ASSIGN(auto client,
               header->ssl2 ? by_ssl2(context, request, *header->ssl2)
                            : by_secret(context, request, *header->client));
    cloudsign::oauth::Grant grant;
    grant.origin = cloudsign::oauth::GrantOrigin::rssp;
    grant.client_id = client->id;
    // What SSL2 opens ends by itself: a renewal would ask for neither certificate nor switch.
    grant.refresh = *remember && !header->ssl2;
    json::object owner;
    if (header->user) {
        TRY_ASSIGN(auto signer, find_user(context, *client, *header->user));
        grant.signer_id = signer->id;
        owner = {{"fullName", signer->name}, {"phone", ""}, {"email", ""}};
    }
    const auto session = context.authorization.start_session(grant, client->proof_version);
    if (!session) {
        return to_problem(session.error(), {Number::failed, session.error().description});
    }
    auto body = session_json(*session);
    body["remainingCounter"] = nullptr;  // nobody counts a person's failures: there is no password
    body["tempLockoutDuration"] = 0;
    if (header->user) {
        body["ownerInfo"] = std::move(owner);
    }
    return body;
}

}  // namespace

http::Outcome login(Context& context, const http::Request& request, const http::PathParameters&) {
    return to_response(open_session(context, request));
}

}  // namespace server::api::rssp
