#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             const http::PathParameters&) {
    return csc::credentials_extend_transaction(context, request, csc::Version::v2);
}

}  // namespace server::api::csc_v2
