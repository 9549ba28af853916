#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/credential/passkey_point.h"
#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

struct EnrolRequest {
    std::string invitation;
    hsm::protocol::ActivationKey key;
    std::string device_name;
};

cloudsign::Result<EnrolRequest> read(const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    EnrolRequest read;
    TRY_ASSIGN(read.invitation, text_member(body, "invitation", 128));
    TRY_ASSIGN(auto point, bytes_member(body, "public_key", hsm::protocol::point_size));
    TRY_ASSIGN(read.key.point, cloudsign::credential::read_point(point));
    TRY_ASSIGN(read.key.backup_eligible, bool_member(body, "backup_eligible"));
    TRY_ASSIGN(read.device_name, text_member(body, "device_name", 255));
    return read;
}

}  // namespace

// The invitation's secret is the authentication; what it opens is a key that an officer has yet to
// confirm face to face.
http::Outcome enrol(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto wanted = read(request);
    if (!wanted) {
        return error_response(wanted.error());
    }
    const auto enrolled =
        context.credentials.enrol(wanted->invitation, wanted->key, wanted->device_name);
    if (!enrolled) {
        return error_response(enrolled.error());
    }
    return http::json(200,
                      {{"device_id", enrolled->device.id},
                       {"session", enrolled->session},
                       {"credential_id", enrolled->transaction.credential_id},
                       {"transaction_id", enrolled->transaction.id}});
}

}  // namespace server::api::approve
