#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

cloudsign::Result<cloudsign::login::LoginInvited> invite(Context& context,
                                                         const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto signer, text_member(body, "signer_id", 255));
    return context.logins.invite(signer);
}

}  // namespace

http::Outcome invite_to_login(Context& context,
                              const http::Request& request,
                              const http::PathParameters&) {
    const auto invited = invite(context, request);
    if (!invited) {
        return error_response(invited.error());
    }
    return http::json(200,
                      {{"link", context.urls.login + "/register#" + invited->invitation},
                       {"expires_at", invited->expires_at}});
}

}  // namespace server::api::admin
