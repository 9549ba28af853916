#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

csc::Checked<http::Response> answer(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(auto handle, parameters.required_string("handle"));
    const auto transaction = context.transactions.find_by_handle(handle);
    if (!transaction || !csc::is_theirs(*request.principal, *transaction)) {
        return csc::invalid("Invalid parameter handle");
    }
    TRY_ASSIGN(auto ticket, csc::ticket_of(context, *transaction));
    if (!ticket) {
        return http::json(202, {{"handle", handle}});
    }
    return http::json(200, {{"SAD", ticket->sad}, {"expiresIn", ticket->expires_in_seconds}});
}

}  // namespace

http::Outcome credentials_authorize_check(Context& context,
                                          const http::Request& request,
                                          const http::PathParameters&) {
    auto response = answer(context, request);
    return response ? *std::move(response) : csc::to_response(response.error());
}

}  // namespace server::api::csc_v2
