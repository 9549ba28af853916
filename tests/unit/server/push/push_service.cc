#include "tests/unit/server/push/push_service.h"

#include "cloudsign/base64.h"
#include "hsm/base/check.h"

namespace server::push {

namespace json = boost::json;

json::object PushService::control(const std::string& what, const json::object& body) {
    OutboundRequest request;
    request.url = "https://" + std::string(host) + "/control/" + what;
    request.body = json::serialize(body);
    request.relay = relay();
    request.private_addresses = true;
    request.ca_file = ca_file();
    request.answer_max = 1024 * 1024;
    const auto answer = http_.call(std::move(request));
    CHECK(answer.has_value() && answer->status == 200);
    return json::parse(answer->body).as_object();
}

cloudsign::store::PushSubscription PushService::subscribe(const std::string& device_id,
                                                          const std::string& vapid_key,
                                                          const std::string& behaviour) {
    const auto made = control("subscriptions", {{"key", vapid_key}, {"behaviour", behaviour}});
    cloudsign::store::PushSubscription subscription;
    subscription.device_id = device_id;
    subscription.endpoint = made.at("endpoint").as_string();
    subscription.host = host;
    subscription.vapid_key = vapid_key;
    CHECK(cloudsign::from_base64url_into(made.at("p256dh").as_string(), subscription.p256dh));
    CHECK(cloudsign::from_base64url_into(made.at("auth").as_string(), subscription.auth));
    return subscription;
}

json::array PushService::messages() {
    return control("messages", {}).at("messages").as_array();
}

}  // namespace server::push
