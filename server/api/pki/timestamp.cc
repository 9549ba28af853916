#include <spdlog/spdlog.h>

#include "cloudsign/authority/timestamp_service.h"
#include "server/api/error_response.h"
#include "server/api/pki/endpoints.h"

namespace server::api::pki {

http::Outcome timestamp(Context& context,
                        const http::Request& request,
                        const http::PathParameters&) {
    if (!request.has_content_type("application/timestamp-query")) {
        return http::error(
            400, "invalid_request", "Content-Type must be application/timestamp-query");
    }
    const auto answer = context.time_stamps.answer(cloudsign::bytes_of(hsm::view_of(request.body)));
    if (!answer) {
        return error_response(answer.error());
    }
    if (answer->error) {
        spdlog::warn("time-stamp refused: {}", answer->error->detail);
    }
    http::Response response;
    response.content_type = "application/timestamp-reply";
    response.body.assign(answer->response.begin(), answer->response.end());
    return response;
}

}  // namespace server::api::pki
