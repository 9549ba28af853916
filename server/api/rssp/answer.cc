#include "server/api/rssp/answer.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/identity/id.h"

namespace server::api::rssp {
namespace {

using cloudsign::ErrorKind;

struct Mapping {
    ErrorKind kind;
    Number number;
};

constexpr Mapping mappings[] = {
    {ErrorKind::invalid, Number::invalid_parameter},
    {ErrorKind::unauthenticated, Number::token_invalid},
    {ErrorKind::token_expired, Number::token_expired},
    {ErrorKind::forbidden, Number::invalid_parameter},
    {ErrorKind::not_found, Number::invalid_parameter},
    {ErrorKind::conflict, Number::not_answered_yet},  // "asked again": the phone shows it once more
    {ErrorKind::credential_disabled, Number::credential_disabled},
    {ErrorKind::credential_locked, Number::account_blocked},
    {ErrorKind::hash_not_authorised, Number::hash_not_authorised},
    {ErrorKind::rejected, Number::rejected},
    {ErrorKind::not_mine, Number::not_mine},
    {ErrorKind::expired, Number::request_expired},
    {ErrorKind::undelivered, Number::app_not_ready},
    {ErrorKind::busy, Number::busy},
    {ErrorKind::unavailable, Number::unavailable},
};

unsigned http_status(Number number) {
    switch (number) {
        case Number::busy:
            return 429;
        case Number::unavailable:
            return 503;
        default:
            return 200;
    }
}

}  // namespace

Problem to_problem(const csc::Refusal& refusal) {
    const auto* found = std::ranges::find(mappings, refusal.kind, &Mapping::kind);
    return {found != std::end(mappings) ? found->number : Number::failed,
            refusal.description,
            refusal.retry_after_s};
}

Problem to_problem(const cloudsign::Error& error) {
    return to_problem(csc::to_refusal(error));
}

Problem to_problem(const cloudsign::oauth::TokenError& error, const Problem& otherwise) {
    if (error.http_status == 429) {
        return {Number::busy, error.description, error.retry_after_s};
    }
    if (error.http_status >= 500) {
        return {Number::unavailable, error.description, error.retry_after_s};
    }
    return otherwise;
}

http::Response answer(boost::json::object body) {
    body["error"] = static_cast<int>(Number::done);
    body["errorDescription"] = "Success";
    body["responseID"] = cloudsign::identity::new_id("rssp");
    return http::json(200, body);
}

http::Response refuse(const Problem& problem) {
    const auto status = http_status(problem.number);
    auto response = http::json(status,
                               {{"error", static_cast<int>(problem.number)},
                                {"errorDescription", problem.description},
                                {"responseID", cloudsign::identity::new_id("rssp")}});
    if (status != 200) {
        response.with("Retry-After",
                      std::to_string(std::max<std::int64_t>(1, problem.retry_after_s)));
    }
    return response;
}

}  // namespace server::api::rssp
