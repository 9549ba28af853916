#include <boost/json.hpp>

#include "cloudsign/credential/passkey_point.h"
#include "cloudsign/store/device_table.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::identity::NewDevice;

cloudsign::Result<NewDevice> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    TRY_ASSIGN(auto bytes, bytes_member(body, "public_key", hsm::protocol::point_size));
    TRY_ASSIGN(auto point, cloudsign::credential::read_point(bytes));
    TRY_ASSIGN(auto backup_eligible, bool_member(body, "backup_eligible"));
    // A session makes nobody an officer: the modules know theirs, and this only lets one of those
    // see what waits.
    TRY_ASSIGN(auto group, context.approvals.group());
    if (std::ranges::find(group.officers, point) == group.officers.end()) {
        return Error{ErrorKind::forbidden, "the modules do not know this officer"};
    }
    auto device = cloudsign::identity::new_device(cloudsign::store::DeviceOwner::officer,
                                                  name,
                                                  name,
                                                  point,
                                                  backup_eligible,
                                                  context.clock.now_ms());
    TRY(context.database.write([&](cloudsign::store::Session& session) {
        return cloudsign::store::DeviceTable(session).insert(device.row);
    }));
    return device;
}

}  // namespace

http::Outcome add_officer(Context& context,
                          const http::Request& request,
                          const http::PathParameters&) {
    const auto device = add(context, request);
    if (!device) {
        return error_response(device.error());
    }
    return http::json(200,
                      {{"device_id", device->row.id},
                       {"session", device->session},
                       {"link", context.urls.approve + "/officer#" + device->session}});
}

}  // namespace server::api::admin
