#include "server/api/csc/raised_document.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome signatures_raised_document(Context& context,
                                         const http::Request& request,
                                         const http::PathParameters&) {
    return csc::signatures_raised_document(context, request);
}

}  // namespace server::api::csc_v2
