#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/credential/passkey_point.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::credential::OfficerLink;
using cloudsign::credential::OfficerPhone;

cloudsign::Result<OfficerLink> invite(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto bytes, bytes_member(body, "public_key", hsm::protocol::point_size));
    hsm::protocol::ActivationKey key;
    TRY_ASSIGN(key.point, cloudsign::credential::read_point(bytes));
    TRY_ASSIGN(key.backup_eligible, bool_member(body, "backup_eligible"));
    return context.officer_phones.invite(name, key);
}

json::value person_json(const std::optional<unsigned>& person) {
    return person ? json::value(*person) : json::value(nullptr);
}

// None before its link was opened.
json::value last_use_json(const cloudsign::store::Device& device) {
    return device.status == cloudsign::store::DeviceStatus::joining
               ? json::value(nullptr)
               : json::value(device.last_used_at);
}

json::object phone_json(const OfficerPhone& phone) {
    const auto& device = phone.device;
    return {{"id", device.id},
            {"name", device.name},
            {"person", person_json(phone.person)},
            {"state", cloudsign::credential::name(phone.state)},
            {"public_key", cloudsign::base64url(device.point)},
            {"backup_eligible", device.backup_eligible},
            {"created_at", device.created_at},
            {"last_used_at", last_use_json(device)}};
}

}  // namespace

http::Outcome add_officer(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    const auto link = invite(context, request);
    if (!link) {
        return error_response(link.error());
    }
    return http::json(200,
                      {{"device_id", link->device.id},
                       {"link", context.urls.approve + "/officer#" + link->secret},
                       {"expires_at", link->expires_at}});
}

http::Outcome list_officers(Context& context, const http::Request&, const http::PathParameters&) {
    const auto all = context.officer_phones.all();
    if (!all) {
        return error_response(all.error());
    }
    json::array phones;
    for (const auto& phone : all->phones) {
        phones.push_back(phone_json(phone));
    }
    json::array without_phone;
    for (const auto& officer : all->without_phone) {
        without_phone.push_back({{"person", officer.person},
                                 {"public_key", cloudsign::base64url(officer.key.point)},
                                 {"backup_eligible", officer.key.backup_eligible}});
    }
    return http::json(200,
                      {{"plan_known", all->is_plan_known},
                       {"officers", std::move(phones)},
                       {"without_phone", std::move(without_phone)}});
}

http::Outcome remove_officer(Context& context,
                             const http::Request&,
                             const http::PathParameters& parameters) {
    const auto removed = context.officer_phones.remove(std::string(parameters.id));
    return removed ? http::json(200, phone_json(*removed)) : error_response(removed.error());
}

}  // namespace server::api::admin
