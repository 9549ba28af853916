#include <boost/json.hpp>

#include "server/api/csc/methods.h"
#include "server/api/csc_v1/endpoints.h"

namespace server::api::csc_v1 {

http::Outcome info(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v1);
    if (!parameters) {
        return csc::to_response(parameters.error());
    }
    auto answer = csc::describe_service(context, csc::Version::v1);
    answer["oauth2"] = context.urls.api + "/";
    return http::json(200, answer);
}

}  // namespace server::api::csc_v1
