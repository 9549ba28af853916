#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cloudsign/oauth/authorization_details.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::oauth {

// The parameters of an authorization request by name, decoded. Those without a value are not there:
// RFC 6749 §3.1 has them treated as omitted.
using RequestParameters = std::map<std::string, std::string, std::less<>>;

// Whether it is a parameter of an authorization request; others are ignored, and never stored.
bool is_request_parameter(std::string_view name);

// Where the signer whom an account_token named stands among the parameters, instead of it: a token
// is taken once, at the request's arrival. Nobody can send it.
inline constexpr std::string_view account_parameter = " account";

enum class PageLanguage { vi, en };

// A request that may be shown to the signer.
struct AuthorizationRequest {
    std::string redirect_uri;  // where the answer goes
    bool names_redirect_uri = false;
    std::optional<std::string> state;
    std::optional<std::string> code_challenge;
    std::optional<std::string> code_challenge_method;
    std::optional<std::string> key_thumbprint;  // dpop_jkt, RFC 9449 §10
    std::optional<std::string> account;         // the signer whom an account_token has named
    std::string description;
    std::optional<std::string> client_data;
    PageLanguage language = PageLanguage::vi;
    bool asks_for_sign_in = false;       // prompt=login: a sign-in of this moment
    std::optional<SigningWish> signing;  // scope "credential"; none: scope "service"
};

// Where the answer to `parameters` goes, errors included. Without it nobody is sent anywhere
// (RFC 6749 §4.1.2.1): the error is shown to the person.
Authorized<std::string> find_redirect_uri(const store::Client& client,
                                          const RequestParameters& parameters);

// `state` as it is to be returned; none when it is absent or longer than CSC's 255 bytes.
std::optional<std::string> returned_state(const RequestParameters& parameters);

// The whole request. CSC v1 §8.3.2, v2 §8.4.2, RFC 7636, RFC 9396. The errors are for the client.
Authorized<AuthorizationRequest> read_authorization_request(const store::Client& client,
                                                            const RequestParameters& parameters);

// `uri` with more parameters in its query.
std::string with_parameters(const std::string& uri,
                            const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace cloudsign::oauth
