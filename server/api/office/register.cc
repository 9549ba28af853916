#include "server/api/error_response.h"
#include "server/api/login/registering.h"
#include "server/api/office/endpoints.h"

namespace server::api::office {

http::Outcome registration_options(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    return login::offer_registration(context.office_logins, request);
}

http::Outcome registration(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    return login::register_passkey(context.office_logins, request);
}

}  // namespace server::api::office
