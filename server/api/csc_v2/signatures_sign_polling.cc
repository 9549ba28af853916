#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome signatures_sign_polling(Context& context,
                                      const http::Request& request,
                                      const http::PathParameters&) {
    return csc::signatures_sign_polling(context, request);
}

}  // namespace server::api::csc_v2
