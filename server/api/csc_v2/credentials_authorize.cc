#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

// The only factor is the phone, out of band: authData may name it, and nothing else.
csc::Checked<void> check_auth_data(const csc::Parameters& parameters) {
    const auto* value = parameters.find("authData");
    if (value == nullptr || value->is_null()) {
        return {};
    }
    const auto* list = value->if_array();
    if (list == nullptr || list->size() != 1) {
        return csc::invalid("Invalid parameter authData");
    }
    const auto* object = list->front().if_object();
    const auto* id = object != nullptr ? object->if_contains("id") : nullptr;
    if (id == nullptr || object->size() != 1 || !id->is_string() || id->get_string() != "mobile") {
        return csc::invalid("Invalid parameter authData");
    }
    return {};
}

csc::Checked<cloudsign::store::Transaction> open(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY(check_auth_data(parameters));
    return csc::authorize(context, request, parameters, csc::Version::v2);
}

}  // namespace

http::Outcome credentials_authorize(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&) {
    const auto transaction = open(context, request);
    if (!transaction) {
        return csc::to_response(transaction.error());
    }
    if (csc::is_deferred(*request.principal->client, csc::Version::v2)) {
        csc::log_deviation(request, "profile.v2_authorize=deferred");
        return csc::deferred_ticket(context, *transaction);
    }
    // 202 also for a request that joined an approved one: authorizeCheck has its SAD.
    return http::json(202, {{"handle", context.transactions.handle_of(*transaction)}});
}

}  // namespace server::api::csc_v2
