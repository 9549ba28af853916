#include <spdlog/spdlog.h>

#include "cloudsign/cmp/cmp_authority.h"
#include "server/api/error_response.h"
#include "server/api/pki/endpoints.h"

namespace server::api::pki {

http::Outcome cmp(Context& context,
                  const http::Request& request,
                  const http::PathParameters& parameters) {
    if (!request.has_content_type("application/pkixcmp")) {
        return http::error(400, "invalid_request", "Content-Type must be application/pkixcmp");
    }
    const std::string account(parameters.id);
    const auto answer =
        context.cmp.answer(account, cloudsign::bytes_of(hsm::view_of(request.body)));
    if (!answer) {
        return error_response(answer.error());
    }
    if (answer->fault) {
        spdlog::warn("CMP account {}: {}", account, answer->fault->detail);
    }
    http::Response response;
    response.content_type = "application/pkixcmp";
    response.headers = {{"Cache-Control", "no-store"}};
    response.body.assign(answer->message.begin(), answer->message.end());
    return response;
}

}  // namespace server::api::pki
