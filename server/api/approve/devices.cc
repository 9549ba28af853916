#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

http::Outcome list(Context& context, const cloudsign::store::Device& own) {
    const auto all = context.devices.siblings(own);
    if (!all) {
        return error_response(all.error());
    }
    boost::json::array devices;
    for (const auto& device : *all) {
        devices.push_back({{"id", device.id},
                           {"name", device.name},
                           {"thumbprint", cloudsign::base64url(device.thumbprint)},
                           {"backup_eligible", device.backup_eligible},
                           {"created_at", device.created_at},
                           {"last_used_at", device.last_used_at},
                           {"own", device.id == own.id}});
    }
    return http::json(200, {{"devices", std::move(devices)}});
}

}  // namespace

http::Outcome devices(Context& context, const http::Request& request, const http::PathParameters&) {
    return list(context, *request.principal->device);
}

http::Outcome rename_device(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters) {
    const auto body = read_json(request);
    const auto name =
        body ? text_member(*body, "name", 255) : cloudsign::Result<std::string>(body.error());
    if (!name) {
        return error_response(name.error());
    }
    const auto& own = *request.principal->device;
    const auto renamed = context.devices.rename(own, std::string(parameters.id), *name);
    return renamed ? list(context, own) : error_response(renamed.error());
}

http::Outcome remove_device(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters) {
    const auto& own = *request.principal->device;
    const auto removed = context.devices.remove_sibling(own, std::string(parameters.id));
    return removed ? list(context, own) : error_response(removed.error());
}

}  // namespace server::api::approve
