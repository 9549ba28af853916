#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"

namespace server::api::admin {

http::Outcome reload(Context& context, const http::Request&, const http::PathParameters&) {
    const auto later = context.reload();
    if (!later) {
        return error_response(cloudsign::Error{cloudsign::ErrorKind::conflict, later.error()});
    }
    boost::json::array keys;
    for (const auto& key : *later) {
        keys.push_back(boost::json::string(key));
    }
    return http::json(200, {{"needs_restart", std::move(keys)}});
}

}  // namespace server::api::admin
