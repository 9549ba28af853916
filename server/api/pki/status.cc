#include <algorithm>

#include "cloudsign/authority/status_service.h"
#include "cloudsign/base64.h"
#include "server/api/error_response.h"
#include "server/api/pki/endpoints.h"
#include "server/http/percent.h"

namespace server::api::pki {
namespace {

using cloudsign::Bytes;

constexpr std::string_view ocsp_request_type = "application/ocsp-request";

// RFC 5019 §6: until then it is as good as anew. Not to the last moment: a cache's clock may be
// behind.
std::string cache_control(std::int64_t now_ms, std::int64_t until_ms) {
    const auto left_s = (until_ms - now_ms) / 1000;
    if (until_ms == 0 || left_s <= 0) {
        return "no-store";
    }
    return "max-age=" + std::to_string(left_s / 2) + ", public, must-revalidate";
}

http::Response bytes(std::string_view type, const Bytes& body, std::string cache) {
    http::Response response;
    response.content_type = type;
    response.headers = {{"Cache-Control", std::move(cache)}};
    response.body.assign(body.begin(), body.end());
    return response;
}

http::Outcome answered(Context& context, const Bytes& request) {
    const auto answer = context.status.answer(request);
    return bytes("application/ocsp-response",
                 answer.response,
                 cache_control(context.clock.now_ms(), answer.next_update_ms));
}

}  // namespace

http::Outcome authority(Context& context, const http::Request&, const http::PathParameters&) {
    const auto certificate = context.credentials.root_certificate();
    if (!certificate) {
        return error_response(certificate.error());
    }
    return bytes("application/pkix-cert", *certificate, "max-age=3600, public");
}

http::Outcome revocation_list(Context& context, const http::Request&, const http::PathParameters&) {
    const auto list = context.status.list();
    if (!list) {
        return error_response(list.error());
    }
    // The newest list is a second old at most here, and should not be much older elsewhere.
    constexpr std::int64_t kept_max_ms = 60'000;
    const auto now = context.clock.now_ms();
    return bytes("application/pkix-crl",
                 list->der,
                 cache_control(now, std::min(list->next_update_ms, now + kept_max_ms)));
}

http::Outcome ocsp(Context& context, const http::Request& request, const http::PathParameters&) {
    if (!request.has_content_type(ocsp_request_type)) {
        return http::error(400, "invalid_request", "Content-Type must be application/ocsp-request");
    }
    return answered(context, cloudsign::bytes_of(hsm::view_of(request.body)));
}

// Base64 whose '/', '+' and '=' may be percent-encoded, or not.
http::Outcome ocsp_get(Context& context,
                       const http::Request&,
                       const http::PathParameters& parameters) {
    const auto text = http::percent_decoded(parameters.id);
    const auto request = text ? cloudsign::from_base64(*text) : std::nullopt;
    return answered(context, request.value_or(Bytes()));
}

}  // namespace server::api::pki
