#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

// {"client_id", "signer_id"}: there is one login for both, and it gets a new password. What was got
// with the old one ends.
cloudsign::Result<cloudsign::identity::NewLogin> renew(Context& context,
                                                       const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto client_id, text_member(body, "client_id", 255));
    TRY_ASSIGN(auto signer_id, text_member(body, "signer_id", 255));
    TRY_ASSIGN(auto login, context.application_logins.renew(client_id, signer_id));
    // Afterwards: nobody opens a session with the old password any more.
    TRY(context.authorization.end_sessions(client_id, signer_id));
    return login;
}

}  // namespace

http::Outcome renew_application_login(Context& context,
                                      const http::Request& request,
                                      const http::PathParameters&) {
    const auto login = renew(context, request);
    if (!login) {
        return error_response(login.error());
    }
    return http::json(200, {{"user_name", login->name}, {"password", login->password}});
}

}  // namespace server::api::admin
