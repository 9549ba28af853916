#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/api/context.h"
#include "server/api/csc/calls.h"
#include "server/http/request.h"

namespace server::api::login {

// The session's secret in the request's cookie.
std::optional<std::string_view> session_cookie(const http::Request& request);
// For Set-Cookie. `__Host-`: this host alone, over TLS alone (RFC 6265bis §4.1.3.2). Lax: a
// portal's link has to bring it along.
std::string cookie_for(std::string_view secret);
std::string cookie_removed();

// One browser at one authorization.
struct Visit {
    cloudsign::store::Authorization authorization;
    cloudsign::identity::ClientRegistry::Pointer client;
    cloudsign::oauth::AuthorizationRequest request;
    // Who is signed in, if that counts here: after prompt=login a sign-in of before does not, and
    // nobody takes over what another has begun.
    std::optional<cloudsign::store::LoginSession> session;
};
// `not_found` when the authorization is unknown, over or finished, or its client may ask no more.
cloudsign::Result<Visit> find_visit(Context& context,
                                    std::string_view id,
                                    std::optional<std::string_view> session_secret);

// Where the browser goes with an answer: the redirect_uri with state and iss (RFC 9207).
using Answer = std::vector<std::pair<std::string, std::string>>;
std::string answer_at(Context& context,
                      const std::string& redirect_uri,
                      const std::optional<std::string>& state,
                      Answer answer);
Answer answer_of(const cloudsign::oauth::AuthorizationError& error);
// The same as the end of an authorization: it is finished first, so that there is one answer.
// `conflict` when there has been one.
cloudsign::Result<std::string> finish_with(Context& context, const Visit& visit, Answer answer);
// The code with which the client fetches its tokens. `transaction`: approved, for scope
// "credential"; null for scope "service".
cloudsign::Result<std::string> issue_code(Context& context,
                                          const Visit& visit,
                                          const cloudsign::store::Transaction* transaction);
// An outcome of the product in OAuth's words.
cloudsign::oauth::AuthorizationError to_authorization_error(const csc::Refusal& refusal);

// What scope "credential" asks, by the same rules as credentials/authorize.
csc::Checked<cloudsign::transaction::SignatureRequest> signature_request(Context& context,
                                                                         const Visit& visit);

}  // namespace server::api::login
