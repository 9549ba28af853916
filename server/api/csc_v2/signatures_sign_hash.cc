#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

csc::Checked<boost::json::object> answer(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    return csc::sign_hash(context, request, parameters, csc::Version::v2);
}

}  // namespace

http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   const http::PathParameters&) {
    const auto body = answer(context, request);
    return body ? http::json(200, *body) : csc::to_response(body.error());
}

}  // namespace server::api::csc_v2
