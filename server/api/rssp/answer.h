#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cloudsign/oauth/token_error.h"
#include "server/api/csc/parameters.h"
#include "server/http/response.h"

// RSSP v2 answers 200 with a number in the body (cloudsign/rssp/RSSP.md).
namespace server::api::rssp {

enum class Number : int {
    done = 0,
    bad_login = 3000,
    account_blocked = 3002,
    no_such_account = 3003,
    token_invalid = 3005,
    token_expired = 3006,
    request_expired = 3036,
    app_not_ready = 3213,  // no device could be reached
    // Ours, where nothing of the dialect's is known.
    invalid_parameter = 9400,
    not_allowed = 9401,
    not_supported = 9402,
    rejected = 9403,
    not_mine = 9404,
    not_answered_yet = 9405,
    credential_disabled = 9406,
    hash_not_authorised = 9407,
    busy = 9429,
    failed = 9500,
    unavailable = 9503,
};

struct Problem {
    Number number = Number::failed;
    std::string description;
    std::int64_t retry_after_s = 0;  // with busy and unavailable
};

template <class T>
using Checked = hsm::Result<T, Problem>;

// What the rest of the product said.
Problem to_problem(const csc::Refusal& refusal);
Problem to_problem(const cloudsign::Error& error);
// `otherwise` for what is the caller's own fault.
Problem to_problem(const cloudsign::oauth::TokenError& error, const Problem& otherwise);

// {"error", "errorDescription", "responseID"} and what `body` has. Busy is HTTP 429 and unavailable
// 503, with Retry-After; all else is HTTP 200.
http::Response answer(boost::json::object body = {});
http::Response refuse(const Problem& problem);

// Unwraps what a handler computed.
inline http::Response to_response(Checked<boost::json::object> body) {
    return body ? answer(*std::move(body)) : refuse(body.error());
}

}  // namespace server::api::rssp
