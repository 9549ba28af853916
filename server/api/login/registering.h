#pragma once

#include "cloudsign/login/login_service.h"
#include "server/http/outcome.h"
#include "server/http/request.h"

// What the login host and the office's have in common: a passkey made by invitation, and an answer
// to a sign-in's challenge.
namespace server::api::login {

http::Outcome offer_registration(cloudsign::login::LoginService& logins,
                                 const http::Request& request);
http::Outcome register_passkey(cloudsign::login::LoginService& logins,
                               const http::Request& request);

// The members of an assertion in a body.
cloudsign::Result<cloudsign::login::SentLogin> read_sent_login(const boost::json::object& body);

}  // namespace server::api::login
