#include "server/api/csc/timestamp.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome signatures_timestamp(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    return csc::signatures_timestamp(context, request, csc::Version::v2);
}

}  // namespace server::api::csc_v2
