#include <boost/json.hpp>

#include "server/api/csc/parameters.h"
#include "server/api/csc_v1/endpoints.h"

namespace server::api::csc_v1 {

http::Outcome info(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v1);
    if (!parameters) {
        return csc::to_response(parameters.error());
    }
    return http::json(
        200,
        {{"specs", "1.0.4.0"},
         {"name", "Kyso"},
         {"region", "VN"},
         {"lang", "vi"},
         {"description", "Ký số tập trung: người ký xác nhận trên điện thoại của mình"},
         {"authType", {"oauth2code", "oauth2client"}},
         {"oauth2", context.urls.api + "/"},
         {"methods",
          {"credentials/list",
           "credentials/info",
           "credentials/authorize",
           "signatures/signHash"}}});
}

}  // namespace server::api::csc_v1
