#include "server/http/response.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace server::http {

Response& Response::with(std::string_view name, std::string_view value) & {
    headers.emplace_back(name, value);
    return *this;
}

Response&& Response::with(std::string_view name, std::string_view value) && {
    return std::move(with(name, value));
}

Response json(unsigned status, const boost::json::value& body) {
    return json_text(status, boost::json::serialize(body));
}

Response json_text(unsigned status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = json_type;
    response.body = std::move(body);
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    return response;
}

Response error(unsigned status, std::string_view code, std::string_view description) {
    boost::json::object body;
    body["error"] = code;
    body["error_description"] = description;
    return json_text(status, boost::json::serialize(body));
}

Response busy(std::string_view description) {
    return error(503, "temporarily_unavailable", description).with("Retry-After", "1");
}

}  // namespace server::http
