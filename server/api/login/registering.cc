#include "server/api/login/registering.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::login {
namespace {

using cloudsign::base64url;
using cloudsign::login::LoginService;

constexpr std::size_t invitation_max = 128;

cloudsign::Result<boost::json::object> offer(LoginService& logins, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto invitation, text_member(body, "invitation", invitation_max));
    TRY_ASSIGN(auto made, logins.begin_registration(invitation));
    boost::json::array registered;
    for (const auto& id : made.registered) {
        registered.push_back(boost::json::string(base64url(id)));
    }
    return boost::json::object{{"challenge", base64url(made.challenge)},
                               {"rp_id", logins.site().rp_id},
                               {"user_handle", base64url(made.user_handle)},
                               {"user_name", made.owner_id},
                               {"user_display_name", made.owner_name},
                               {"registered", std::move(registered)}};
}

cloudsign::Result<void> finish(LoginService& logins, const http::Request& request) {
    constexpr std::size_t authenticator_data_max = 2048;
    constexpr std::size_t client_data_max = 1024;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto invitation, text_member(body, "invitation", invitation_max));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto authenticator_data,
               bytes_member(body, "authenticator_data", authenticator_data_max));
    TRY_ASSIGN(auto client_data, bytes_member(body, "client_data_json", client_data_max));
    return logins.register_passkey(invitation, authenticator_data, client_data, name);
}

}  // namespace

http::Outcome offer_registration(LoginService& logins, const http::Request& request) {
    auto options = offer(logins, request);
    return options ? http::json(200, *std::move(options)) : error_response(options.error());
}

http::Outcome register_passkey(LoginService& logins, const http::Request& request) {
    const auto done = finish(logins, request);
    return done ? http::no_content() : error_response(done.error());
}

cloudsign::Result<cloudsign::login::SentLogin> read_sent_login(const boost::json::object& body) {
    cloudsign::login::SentLogin sent;
    TRY_ASSIGN(sent.credential_id, bytes_member(body, "credential_id", 1023));
    TRY_ASSIGN(sent.authenticator_data, bytes_member(body, "authenticator_data", 256));
    TRY_ASSIGN(sent.client_data_json, bytes_member(body, "client_data_json", 1024));
    TRY_ASSIGN(sent.signature, bytes_member(body, "signature", 128));
    return sent;
}

}  // namespace server::api::login
