#pragma once

#include <optional>
#include <string>

#include "cloudsign/oauth/authorization_request.h"
#include "cloudsign/oauth/client_authentication.h"
#include "server/api/context.h"
#include "server/http/form.h"
#include "server/http/request.h"
#include "server/http/response.h"

// What the authorization server's endpoints for clients have in common.
namespace server::api::oauth2 {

// The body, or the refusal of one that is no form.
hsm::Result<http::Form, http::Response> read_form(const http::Request& request);

std::optional<std::string> field(const http::Form& form, std::string_view name);

cloudsign::oauth::ClientCredentials credentials_in(const http::Request& request,
                                                   const http::Form& form);

// The proof of the DPoP header; an empty one, which is none, when it came more than once.
std::optional<std::string> dpop_proof_in(const http::Request& request);

// What the request's own URL is called: under that name of the API's host that it came to.
std::vector<std::string> urls_of(const Context& context, const http::Request& request);

// The request that the parameters make, as far as it can be served here.
cloudsign::oauth::Authorized<cloudsign::oauth::AuthorizationRequest> read_authorization(
    const Context& context,
    const cloudsign::store::Client& client,
    const cloudsign::oauth::RequestParameters& parameters);

// Reads an account_token, which may come once, and puts the signer whom it names in its place.
cloudsign::oauth::Authorized<void> take_account_token(
    Context& context,
    const cloudsign::store::Client& client,
    cloudsign::oauth::RequestParameters& parameters);

// One line in the log for what an operator should see of a refusal, if anything.
void log_event(const cloudsign::oauth::TokenError& error, const http::Request& request);

// Logs that, too.
http::Response refuse(const cloudsign::oauth::TokenError& error, const http::Request& request);

}  // namespace server::api::oauth2
