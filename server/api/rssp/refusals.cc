#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"

namespace server::api::rssp {

http::Outcome not_supported(Context&, const http::Request&, const http::PathParameters&) {
    return refuse(
        {Number::not_supported,
         "Not supported: persons confirm on their phone (IMPLICIT/TSE), there is no OTP"});
}

http::Response refuse_bearer(const cloudsign::Error& error) {
    using cloudsign::ErrorKind;
    switch (error.kind) {
        case ErrorKind::token_expired:
            return refuse({Number::token_expired, "the access token has expired: log in again"});
        case ErrorKind::forbidden:
        case ErrorKind::conflict:  // a token of scope credential
            return refuse({Number::not_allowed, error.detail});
        case ErrorKind::assertion_refused:
            return refuse({Number::token_invalid, error.detail});
        case ErrorKind::busy:
        case ErrorKind::unavailable:
        case ErrorKind::internal:
            return refuse(to_problem(error));
        default:
            return refuse({Number::token_invalid, "the access token is none: log in again"});
    }
}

}  // namespace server::api::rssp
