#include "server/api/error_response.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace server::api {
namespace {

using cloudsign::ErrorKind;

struct Mapping {
    ErrorKind kind;
    unsigned status;
    std::string_view code;
};

constexpr Mapping mappings[] = {
    {ErrorKind::invalid, 400, "invalid_request"},
    {ErrorKind::unauthenticated, 401, "invalid_token"},
    {ErrorKind::token_expired, 401, "expired_token"},
    {ErrorKind::forbidden, 403, "access_denied"},
    {ErrorKind::not_found, 404, "not_found"},
    {ErrorKind::conflict, 409, "conflict"},
    {ErrorKind::credential_disabled, 409, "credential_disabled"},
    {ErrorKind::credential_locked, 409, "credential_locked"},
    {ErrorKind::hash_not_authorised, 409, "hash_not_authorised"},
    {ErrorKind::rejected, 409, "rejected"},
    {ErrorKind::not_mine, 409, "not_mine"},
    {ErrorKind::expired, 410, "expired"},
    {ErrorKind::undelivered, 409, "undelivered"},
    {ErrorKind::assertion_refused, 422, "assertion_refused"},
};

}  // namespace

http::Response error_response(const cloudsign::Error& error) {
    if (error.kind == ErrorKind::busy) {
        return http::error(429, "busy", error.detail)
            .with("Retry-After", std::to_string(std::max<std::int64_t>(1, error.retry_after_s)));
    }
    if (error.kind == ErrorKind::unavailable) {
        return http::busy(error.detail);
    }
    const auto* found = std::ranges::find(mappings, error.kind, &Mapping::kind);
    if (found == std::end(mappings)) {
        spdlog::error("internal error: {}", error.detail);
        return http::error(500, "server_error", "something went wrong here; it is in the log");
    }
    return http::error(found->status, found->code, error.detail);
}

}  // namespace server::api
