#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

csc::Checked<boost::json::object> answer(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(auto named, csc::find_credential(context, request, parameters));
    TRY_ASSIGN(auto detail, csc::read_detail(parameters));
    return csc::describe(context, named, detail, csc::Version::v2);
}

}  // namespace

http::Outcome credentials_info(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto body = answer(context, request);
    return body ? http::json(200, *body) : csc::to_response(body.error());
}

}  // namespace server::api::csc_v2
