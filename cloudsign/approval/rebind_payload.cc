#include "cloudsign/approval/rebind_payload.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"

namespace cloudsign::approval {
namespace {

namespace json = boost::json;

Error broken() {
    return {ErrorKind::internal, "the transaction's payload cannot be read"};
}

}  // namespace

std::string write_rebind(const RebindPayload& payload) {
    return json::serialize(json::object{{"policy", base64url(payload.policy)},
                                        {"public_key", base64url(payload.key.point)},
                                        {"backup_eligible", payload.key.backup_eligible},
                                        {"name", payload.name}});
}

Result<RebindPayload> read_rebind(const std::string& payload) {
    json::error_code error;
    const auto value = json::parse(payload, error);
    if (error || !value.is_object()) {
        return broken();
    }
    const auto& object = value.get_object();
    const auto* policy = object.if_contains("policy");
    const auto* point = object.if_contains("public_key");
    const auto* eligible = object.if_contains("backup_eligible");
    const auto* name = object.if_contains("name");
    RebindPayload read;
    if (policy == nullptr || !policy->is_string() || point == nullptr || !point->is_string() ||
        eligible == nullptr || !eligible->is_bool() || name == nullptr || !name->is_string()) {
        return broken();
    }
    auto bytes = from_base64url(policy->get_string());
    if (!bytes || !from_base64url_into(point->get_string(), read.key.point)) {
        return broken();
    }
    read.policy = *std::move(bytes);
    read.key.backup_eligible = eligible->get_bool();
    read.name = std::string(name->get_string());
    return read;
}

}  // namespace cloudsign::approval
