#include <boost/json.hpp>

#include "cloudsign/csc/algorithms.h"
#include "server/api/csc/parameters.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {

http::Outcome info(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v2);
    if (!parameters) {
        return csc::to_response(parameters.error());
    }
    boost::json::array algorithms;
    for (const auto oid : cloudsign::csc::all_sign_algorithms()) {
        algorithms.push_back(boost::json::string(oid));
    }
    return http::json(
        200,
        {{"specs", "2.0.0.0"},
         {"name", "Kyso"},
         {"region", "VN"},
         {"lang", "vi"},
         {"description", "Ký số tập trung: người ký xác nhận trên điện thoại của mình"},
         {"authType", {"oauth2code", "oauth2client"}},
         {"oauth2", context.urls.api + "/"},
         {"asynchronousOperationMode", false},
         {"validationInfo", false},
         {"methods",
          {"credentials/list",
           "credentials/info",
           "credentials/authorize",
           "credentials/authorizeCheck",
           "signatures/signHash"}},
         {"signAlgorithms", {{"algos", std::move(algorithms)}}}});
}

}  // namespace server::api::csc_v2
