#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/credential/passkey_point.h"
#include "cloudsign/push/subscriptions.h"
#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

using cloudsign::push::WantedSubscription;

cloudsign::Result<WantedSubscription> read(const http::Request& request) {
    constexpr std::size_t endpoint_max = 2048;
    TRY_ASSIGN(auto body, read_json(request));
    WantedSubscription wanted;
    TRY_ASSIGN(wanted.endpoint, text_member(body, "endpoint", endpoint_max));
    TRY_ASSIGN(auto point, bytes_member(body, "p256dh", wanted.keys.p256dh.size()));
    const auto read_point = cloudsign::credential::read_point(point);
    if (!read_point) {
        return cloudsign::Error{cloudsign::ErrorKind::invalid, "p256dh is not a point on P-256"};
    }
    wanted.keys.p256dh = *read_point;
    TRY_ASSIGN(auto secret, bytes_member(body, "auth", wanted.keys.auth.size()));
    if (secret.size() != wanted.keys.auth.size()) {
        return cloudsign::Error{cloudsign::ErrorKind::invalid, "auth must be 16 bytes"};
    }
    std::ranges::copy(secret, wanted.keys.auth.begin());
    TRY_ASSIGN(auto key, bytes_member(body, "application_server_key", hsm::protocol::point_size));
    wanted.vapid_key = cloudsign::base64url(key);
    return wanted;
}

http::Outcome answer(Context& context, const std::string& device_id) {
    const auto known = context.push_subscriptions.of_device(device_id);
    if (!known) {
        return error_response(known.error());
    }
    boost::json::object told{{"application_server_key", context.push_subscriptions.vapid_key()},
                             {"endpoint", nullptr}};
    if (*known) {
        told["endpoint"] = (*known)->endpoint;
    }
    return http::json(200, std::move(told));
}

}  // namespace

// What PushManager.subscribe() wants of us, and where we would tell this device.
http::Outcome push(Context& context, const http::Request& request, const http::PathParameters&) {
    return answer(context, request.principal->device->id);
}

http::Outcome subscribe(Context& context,
                        const http::Request& request,
                        const http::PathParameters&) {
    const auto wanted = read(request);
    if (!wanted) {
        return error_response(wanted.error());
    }
    const auto& device_id = request.principal->device->id;
    const auto put = context.push_subscriptions.put(device_id, *wanted);
    return put ? answer(context, device_id) : error_response(put.error());
}

http::Outcome unsubscribe(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    const auto& device_id = request.principal->device->id;
    const auto removed = context.push_subscriptions.remove(device_id);
    return removed ? answer(context, device_id) : error_response(removed.error());
}

}  // namespace server::api::approve
