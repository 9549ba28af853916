#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/page.h"
#include "server/api/login/texts.h"
#include "server/http/form.h"

namespace server::api::login {
namespace {

using cloudsign::base64url;

constexpr std::size_t invitation_max = 128;

cloudsign::Result<boost::json::object> offer(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto invitation, text_member(body, "invitation", invitation_max));
    TRY_ASSIGN(auto made, context.logins.begin_registration(invitation));
    boost::json::array registered;
    for (const auto& id : made.registered) {
        registered.push_back(boost::json::string(base64url(id)));
    }
    return boost::json::object{{"challenge", base64url(made.challenge)},
                               {"rp_id", context.logins.site().rp_id},
                               {"user_handle", base64url(made.user_handle)},
                               {"user_name", made.signer.id},
                               {"user_display_name", made.signer.name},
                               {"registered", std::move(registered)}};
}

cloudsign::Result<void> finish(Context& context, const http::Request& request) {
    constexpr std::size_t authenticator_data_max = 2048;
    constexpr std::size_t client_data_max = 1024;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto invitation, text_member(body, "invitation", invitation_max));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto authenticator_data,
               bytes_member(body, "authenticator_data", authenticator_data_max));
    TRY_ASSIGN(auto client_data, bytes_member(body, "client_data_json", client_data_max));
    return context.logins.register_passkey(invitation, authenticator_data, client_data, name);
}

}  // namespace

// The invitation stands behind the '#', so that no log of an address has it.
http::Outcome registration_page(Context&,
                                const http::Request& request,
                                const http::PathParameters&) {
    const auto form = http::Form::parse(request.query);
    const bool english = form && form->find("lang") == "en";
    const auto language = english ? PageLanguage::en : PageLanguage::vi;
    const auto& texts = texts_in(language);
    const auto content =
        "<p>" + escaped(texts.register_passkey) + "</p><p><label for=\"name\">" +
        escaped(texts.register_name) +
        "</label><br><input id=\"name\" maxlength=\"60\" autocomplete=\"off\" required></p>"
        "<button type=\"button\" id=\"register\" class=\"main\">" +
        escaped(texts.register_button) + "</button>";
    return page(200,
                language,
                texts.register_title,
                content,
                {{"cancelled", std::string(texts.data_cancelled)},
                 {"refused", std::string(texts.data_refused)},
                 {"failed", std::string(texts.data_failed)},
                 {"registered", std::string(texts.data_registered)}});
}

http::Outcome registration_options(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    auto options = offer(context, request);
    return options ? http::json(200, *std::move(options)) : error_response(options.error());
}

http::Outcome registration(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    const auto done = finish(context, request);
    return done ? http::no_content() : error_response(done.error());
}

}  // namespace server::api::login
