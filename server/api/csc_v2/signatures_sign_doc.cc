#include "server/api/csc/document_signature.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome signatures_sign_doc(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&) {
    return csc::signatures_sign_doc(context, request);
}

}  // namespace server::api::csc_v2
