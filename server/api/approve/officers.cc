#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

cloudsign::Result<cloudsign::identity::NewDevice> connect(Context& context,
                                                          const http::Request& request) {
    constexpr std::size_t link_max = 128;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto link, text_member(body, "link", link_max));
    TRY_ASSIGN(auto thumbprint, digest_member(body, "thumbprint"));
    TRY_ASSIGN(auto backup_eligible, bool_member(body, "backup_eligible"));
    return context.officer_phones.connect(link, thumbprint, backup_eligible);
}

}  // namespace

// The link's secret is the authentication, and is exchanged for the phone's own session.
http::Outcome connect_officer(Context& context,
                              const http::Request& request,
                              const http::PathParameters&) {
    const auto connected = connect(context, request);
    return connected ? http::json(
                           200, {{"device_id", connected->row.id}, {"session", connected->session}})
                     : error_response(connected.error());
}

}  // namespace server::api::approve
