#include "server/api/qd769/answer.h"

#include <algorithm>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>

namespace server::api::qd769 {
namespace {

using cloudsign::ErrorKind;

struct Outcome {
    ErrorKind kind;
    unsigned status;
    std::string_view message;
    std::string_view description;  // empty: the error's own detail
};

constexpr Outcome outcomes[] = {
    {ErrorKind::invalid, 400, "BAD_REQUEST", ""},
    {ErrorKind::conflict, 400, "BAD_REQUEST", ""},
    {ErrorKind::not_found, 400, "BAD_REQUEST", "user_id is unknown"},
    {ErrorKind::forbidden, 400, "BAD_REQUEST", "user_id is unknown"},
    {ErrorKind::unauthenticated, 401, "SP_CREDENTIAL_INVALID", ""},
    {ErrorKind::token_expired, 401, "SP_CREDENTIAL_INVALID", "the access token expired"},
    {ErrorKind::credential_disabled, 403, "CREDENTIAL_STATUS_INVALID", ""},
    {ErrorKind::credential_locked, 403, "CREDENTIAL_LOCKED", ""},
    {ErrorKind::undelivered, 403, "UNDELIVERED", "no device of the person could be reached"},
    {ErrorKind::busy, 429, "SERVICE_BUSY", ""},
    {ErrorKind::unavailable, 503, "SERVICE_UNAVAILABLE", ""},
};

}  // namespace

Refusal to_refusal(const cloudsign::Error& error) {
    const auto* found = std::ranges::find(outcomes, error.kind, &Outcome::kind);
    if (found == std::end(outcomes)) {
        spdlog::error("internal error: {}", error.detail);
        return {500, "INTERNAL_ERROR", "the service failed; the request may be repeated", 0};
    }
    return {found->status,
            std::string(found->message),
            found->description.empty() ? error.detail : std::string(found->description),
            error.retry_after_s};
}

http::Response to_response(const Refusal& refusal) {
    auto response = http::json(refusal.status,
                               {{"status_code", refusal.status},
                                {"message", refusal.message},
                                {"data", nullptr},
                                {"description", refusal.description}});
    if (refusal.status == 429 || refusal.status == 503) {
        response.with("Retry-After",
                      std::to_string(std::max<std::int64_t>(1, refusal.retry_after_s)));
    }
    return response;
}

http::Response to_response(std::string_view message, boost::json::object data) {
    return http::json(200, {{"status_code", 200}, {"message", message}, {"data", std::move(data)}});
}

}  // namespace server::api::qd769
