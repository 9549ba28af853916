#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

csc::Checked<void> check(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY(csc::find_credential(context, request, parameters));
    TRY_ASSIGN(auto object, parameters.required_string("authObjectID"));
    if (object != "mobile") {
        return csc::invalid("Invalid parameter authObjectID");
    }
    return {};
}

}  // namespace

// The phone's challenge commits to what will be signed, so that authorize makes and sends it: out
// of band, which is what 204 says (§11.8).
http::Outcome credentials_get_challenge(Context& context,
                                        const http::Request& request,
                                        const http::PathParameters&) {
    const auto checked = check(context, request);
    return checked ? http::no_content() : csc::to_response(checked.error());
}

}  // namespace server::api::csc_v2
