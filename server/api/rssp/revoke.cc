#include <boost/json.hpp>

#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"

namespace server::api::rssp {
namespace {

// The refresh token or access token that the body names; else the one that the call came with.
csc::Checked<std::string> read_token(const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    for (const auto* name : {"refreshToken", "token"}) {
        TRY_ASSIGN(auto named, parameters.optional_string(name, 4096));
        if (named) {
            return *std::move(named);
        }
    }
    return std::string(request.access_token()->token);
}

}  // namespace

http::Outcome revoke(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto token = read_token(request);
    if (!token) {
        return refuse(to_problem(token.error()));
    }
    const auto ended = context.authorization.revoke(request.principal->client->id, *token);
    if (!ended) {
        return refuse(to_problem(ended.error()));
    }
    if (*ended == cloudsign::oauth::AuthorizationServer::Revoked::unknown) {
        return refuse({Number::invalid_parameter, "Invalid parameter token"});
    }
    return answer();
}

}  // namespace server::api::rssp
