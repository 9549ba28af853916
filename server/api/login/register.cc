#include "server/api/login/endpoints.h"
#include "server/api/login/page.h"
#include "server/api/login/registering.h"
#include "server/api/login/texts.h"
#include "server/http/form.h"

namespace server::api::login {

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
    return offer_registration(context.logins, request);
}

http::Outcome registration(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    return register_passkey(context.logins, request);
}

}  // namespace server::api::login
