#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/approve/sent_assertion.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

cloudsign::Result<cloudsign::identity::NewDevice> connect(Context& context,
                                                          const http::Request& request) {
    constexpr std::size_t link_max = 128;
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto link, text_member(body, "link", link_max));
    TRY_ASSIGN(const auto sent, read_assertion(body));
    return context.officer_phones.connect(link, sent);
}

}  // namespace

// The link's secret, signed by the passkey that it was made for, is exchanged for the phone's own
// session.
http::Outcome connect_officer(Context& context,
                              const http::Request& request,
                              const http::PathParameters&) {
    const auto connected = connect(context, request);
    return connected ? http::json(
                           200, {{"device_id", connected->row.id}, {"session", connected->session}})
                     : error_response(connected.error());
}

}  // namespace server::api::approve
