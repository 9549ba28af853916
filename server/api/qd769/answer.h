#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cloudsign/error.h"
#include "server/http/response.h"

// What every answer of QD 769 looks like: {"status_code", "message", "data"}.
namespace server::api::qd769 {

// A refusal; `description`, ours, says more than the dialect's one word.
struct Refusal {
    unsigned status = 400;
    std::string message = "BAD_REQUEST";
    std::string description;
    std::int64_t retry_after_s = 0;  // 429 and 503: when to come back; 0: soon
};

template <class T>
using Checked = hsm::Result<T, Refusal>;

inline Refusal bad_request(std::string description) {
    return {400, "BAD_REQUEST", std::move(description), 0};
}

// What a rule of the product said, in the dialect's words.
Refusal to_refusal(const cloudsign::Error& error);

http::Response to_response(const Refusal& refusal);
http::Response to_response(std::string_view message, boost::json::object data);

}  // namespace server::api::qd769
