#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome credentials_send_otp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    return csc::credentials_send_otp(context, request, csc::Version::v2);
}

}  // namespace server::api::csc_v2
