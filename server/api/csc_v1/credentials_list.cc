#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v1/endpoints.h"

namespace server::api::csc_v1 {

http::Outcome credentials_list(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v1);
    if (!parameters) {
        return csc::to_response(parameters.error());
    }
    const auto listing = csc::list_credentials(context, request, *parameters);
    if (!listing) {
        return csc::to_response(listing.error());
    }
    boost::json::array ids;
    for (const auto& credential : listing->credentials) {
        ids.push_back(boost::json::string(credential.id));
    }
    boost::json::object body{{"credentialIDs", std::move(ids)}};
    if (listing->next_page_token) {
        body["nextPageToken"] = *listing->next_page_token;
    }
    return http::json(200, body);
}

}  // namespace server::api::csc_v1
