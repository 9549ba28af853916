#include <boost/json.hpp>

#include "server/api/csc/calls.h"

namespace server::api::csc {
namespace {

Checked<http::Response> answer(Context& context, const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    TRY(find_credential(context, request, parameters));
    if (request.principal->client->settings.send_otp_answers_200) {
        // For clients that ask for an OTP whatever credentials/info says, and go on after a 200.
        log_deviation(request, "profile.send_otp_answers_200");
        return http::json(200, boost::json::object());
    }
    return invalid("The credential identified by credentialID has no OTP");
}

}  // namespace

// There is no OTP here: the signer approves on the phone.
http::Outcome credentials_send_otp(Context& context,
                                   const http::Request& request,
                                   Version version) {
    auto response = answer(context, request, version);
    return response ? *std::move(response) : to_response(response.error());
}

}  // namespace server::api::csc
