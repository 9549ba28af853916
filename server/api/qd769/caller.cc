#include "server/api/qd769/caller.h"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "server/api/guard.h"
#include "server/api/json_body.h"
#include "server/api/security_log.h"

namespace server::api::qd769 {
namespace {

namespace json = boost::json;

Refusal nobody(std::string description) {
    return {401, "SP_CREDENTIAL_INVALID", std::move(description), 0};
}

struct Credentials {
    std::string sp_id;
    std::string sp_password;
    std::string token;  // in the body
    bool header = false;
    std::string peer;

    bool absent() const { return sp_id.empty() && sp_password.empty() && !has_token(); }
    bool has_token() const { return header || !token.empty(); }
};

Checked<Credentials> read_credentials(const http::Request& request, const json::object& body) {
    const auto read = [&]() -> cloudsign::Result<Credentials> {
        Credentials found;
        TRY_ASSIGN(found.sp_id, optional_text_member(body, "sp_id", 255));
        TRY_ASSIGN(found.sp_password, optional_text_member(body, "sp_password", 255));
        TRY_ASSIGN(found.token, optional_text_member(body, "token", 4096));
        return found;
    };
    auto credentials = read();
    if (!credentials) {
        return to_refusal(credentials.error());
    }
    credentials->header = request.headers.find("Authorization").has_value();
    credentials->peer = request.peer;
    if (credentials->header && !credentials->token.empty()) {
        return nobody("a token in the header or in the body, not both");
    }
    if (credentials->has_token() && !credentials->sp_password.empty()) {
        return nobody("a token or a password, not both");
    }
    return *std::move(credentials);
}

Checked<Caller> admit(const Caller& caller) {
    if (!caller.client->settings.qd769) {
        return nobody("the client may not use this API");
    }
    // As at auth/login: who must prove a key with everything has no other way around it.
    if (caller.proof == "sp_password" &&
        caller.client->settings.dpop == cloudsign::store::DpopUse::required) {
        return nobody("the client's tokens are bound to a key");
    }
    return caller;
}

Checked<Caller> by_header(Context& context, const http::Request& request) {
    auto principal = find_client(context, request);
    if (principal) {
        return admit({principal->client, principal->signer_id, "token"});
    }
    const auto& error = principal.error();
    if (error.kind == cloudsign::ErrorKind::unavailable) {
        return to_refusal(error);
    }
    return nobody(error.kind == cloudsign::ErrorKind::token_expired
                      ? "the access token expired"
                      : "the access token is invalid");
}

// As if it stood in the header, so that it is asked the same questions.
Checked<Caller> by_token(Context& context, const http::Request& request, const std::string& token) {
    http::Request asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.host = request.host;
    asked.client_certificate = request.client_certificate;
    if (!asked.headers.add("Authorization", "Bearer " + token)) {
        return nobody("the access token is invalid");
    }
    return by_header(context, asked);
}

// Nothing when its password must be hashed first.
Checked<std::optional<Caller>> by_known_password(Context& context, const Credentials& credentials) {
    const auto client = context.clients.find(credentials.sp_id);
    if (!client) {
        return std::optional<Caller>();
    }
    if ((*client)->status != cloudsign::store::ClientStatus::active ||
        (*client)->settings.token_auth != cloudsign::store::TokenAuth::client_secret ||
        !context.known_secrets.knows(**client, credentials.sp_password)) {
        return std::optional<Caller>();
    }
    TRY_ASSIGN(auto caller, admit({*client, std::nullopt, "sp_password"}));
    return std::optional<Caller>(std::move(caller));
}

Checked<Caller> by_password(Context& context, const Credentials& credentials) {
    cloudsign::oauth::ClientCredentials presented;
    presented.client_id = credentials.sp_id;
    presented.client_secret = credentials.sp_password;
    presented.peer = credentials.peer;
    auto client = context.authorization.authenticate(presented);
    if (!client) {
        const auto& error = client.error();
        if (!error.event.empty()) {
            log_security_event(error.event, error.client_id, credentials.peer);
        }
        if (error.http_status == 401 || error.http_status == 400) {
            return nobody("unknown client or wrong secret");
        }
        const auto kind = error.http_status == 429 ? cloudsign::ErrorKind::busy
                                                   : cloudsign::ErrorKind::unavailable;
        return to_refusal({kind, error.description, error.retry_after_s});
    }
    context.known_secrets.remember(**client, credentials.sp_password);
    TRY_ASSIGN(auto caller, admit({*std::move(client), std::nullopt, "sp_password"}));
    spdlog::info("QD 769: client {} sends its password with each request", caller.client->id);
    return caller;
}

struct Call {
    json::object body;
    std::string id;
    Credentials credentials;
};

http::Response respond(Checked<http::Response> answer) {
    return answer ? *std::move(answer) : to_response(answer.error());
}

http::Response run(Context& context, const Call& call, const Checked<Caller>& caller, Action act) {
    return caller ? respond(act(context, *caller, call.body, call.id))
                  : to_response(caller.error());
}

Checked<Call> read_call(const http::Request& request, const http::PathParameters& parameters) {
    Call call;
    call.id = parameters.id;
    // A status is asked for with an empty body, too; what must be there is missed soon enough.
    if (!request.body.empty()) {
        auto body = read_json(request);
        if (!body) {
            return to_refusal(body.error());
        }
        call.body = *std::move(body);
    }
    TRY_ASSIGN(call.credentials, read_credentials(request, call.body));
    return call;
}

http::Outcome answer(Context& context, const http::Request& request, Call call, Action action) {
    const auto& credentials = call.credentials;
    if (credentials.header) {
        return run(context, call, by_header(context, request), action);
    }
    if (!credentials.token.empty()) {
        return run(context, call, by_token(context, request, credentials.token), action);
    }
    if (credentials.sp_id.empty() || credentials.sp_password.empty()) {
        return to_response(nobody("sp_id and sp_password, or a token, are needed"));
    }
    const auto known = by_known_password(context, credentials);
    if (!known) {
        return to_response(known.error());
    }
    if (*known) {
        return run(context, call, **known, action);
    }
    http::Continue rest;
    rest.where = http::Continue::Where::passwords;
    rest.work = [&context, action, call = std::make_shared<const Call>(std::move(call))] {
        return run(context, *call, by_password(context, call->credentials), action);
    };
    return rest;
}

}  // namespace

http::Outcome answer_caller(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters,
                            Action action) {
    auto call = read_call(request, parameters);
    if (!call) {
        return to_response(call.error());
    }
    return answer(context, request, *std::move(call), action);
}

http::Outcome answer_caller_or(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters,
                               Action action,
                               AnonymousAction anonymous) {
    auto call = read_call(request, parameters);
    if (!call) {
        return to_response(call.error());
    }
    if (call->credentials.absent()) {
        return respond(anonymous(context, call->id));
    }
    return answer(context, request, *std::move(call), action);
}

}  // namespace server::api::qd769
