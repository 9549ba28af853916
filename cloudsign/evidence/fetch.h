#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::evidence {

// What is asked of an authority over HTTP.
struct FetchRequest {
    std::string url;
    std::string content_type;  // of the body
    Bytes body;                // POSTed; empty: GET
    std::size_t answer_max = 64 * 1024;
    std::chrono::milliseconds deadline{10'000};
};

// The body of an answer 200; `not_found` for 404 and `unavailable`, in words, for everything else.
// This library has no sockets: whoever uses it brings this.
using Fetch = std::function<Result<Bytes>(const FetchRequest&)>;

}  // namespace cloudsign::evidence
