#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/cookie.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/login/registering.h"
#include "server/api/office/act.h"
#include "server/api/office/endpoints.h"
#include "server/api/security_log.h"

namespace server::api::office {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::OfficeUser;

// No Max-Age: a browser that is closed forgets it. Strict: nothing elsewhere leads in here.
constexpr std::string_view cookie_rules = "; Path=/; Secure; HttpOnly; SameSite=Strict";

std::string cookie_for(std::string_view secret) {
    return std::string(cookie_name) + "=" + std::string(secret) + std::string(cookie_rules);
}

boost::json::object user_json(const OfficeUser& user) {
    return {{"id", user.id}, {"name", user.name}, {"role", cloudsign::identity::name(user.role)}};
}

struct Entered {
    std::string secret;
    OfficeUser user;
};

cloudsign::Result<Entered> enter(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto named, bytes_member(body, "challenge", std::tuple_size_v<hsm::Digest>));
    TRY_ASSIGN(auto sent, login::read_sent_login(body));
    hsm::Digest challenge{};
    if (named.size() != challenge.size()) {
        return Error{ErrorKind::invalid, "challenge must be 32 bytes"};
    }
    std::ranges::copy(named, challenge.begin());
    if (!context.office_challenges.holds(challenge)) {
        return Error{ErrorKind::expired, "the sign-in took too long"};
    }
    Entered entered;
    TRY_ASSIGN(entered.secret,
               context.office_logins.sign_in(
                   challenge, sent, [&](cloudsign::store::Session&) -> cloudsign::Result<bool> {
                       return context.office_challenges.take(challenge);
                   }));
    TRY_ASSIGN(auto session, context.office_logins.session(entered.secret));
    TRY_ASSIGN(entered.user, context.office_users.find(session.owner_id));
    return entered;
}

}  // namespace

http::Outcome sign_in_options(Context& context, const http::Request&, const http::PathParameters&) {
    return http::json(200,
                      {{"challenge", cloudsign::base64url(context.office_challenges.make())},
                       {"rp_id", context.office_logins.site().rp_id}});
}

http::Outcome sign_in(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto entered = enter(context, request);
    if (!entered) {
        if (entered.error().kind == ErrorKind::assertion_refused) {
            log_security_event("a sign-in to the office was refused", "-", request.peer);
        }
        return error_response(entered.error());
    }
    log_office_act(entered->user.id,
                   "signs in as",
                   cloudsign::identity::name(entered->user.role),
                   request.peer);
    return http::json(200, user_json(entered->user))
        .with("Set-Cookie", cookie_for(entered->secret));
}

http::Outcome sign_out(Context& context,
                       const http::Request& request,
                       const http::PathParameters&) {
    if (const auto secret = cookie_of(request, cookie_name)) {
        if (const auto done = context.office_logins.sign_out(*secret); !done) {
            return error_response(done.error());
        }
    }
    return http::no_content().with("Set-Cookie", cookie_for("") + "; Max-Age=0");
}

http::Outcome me(Context&, const http::Request& request, const http::PathParameters&) {
    return http::json(200, user_json(user_of(request)));
}

}  // namespace server::api::office
