#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "cloudsign/error.h"

namespace cloudsign::external_ca {

// One HTTP request of an EST client.
struct EstCall {
    std::string url;
    std::string authorization;  // the header's value; empty: none. Secret
    std::string content_type;   // of the body
    std::string body;           // POSTed; empty: GET
    std::size_t reply_max = 0;  // bytes of body
    std::chrono::milliseconds deadline{};
};

// Its answer, whatever its status.
struct EstReply {
    unsigned status = 0;
    std::int64_t retry_after_s = 0;  // of the header; 0: there is none
    std::string body;
};

// Over TLS, to a server whose certificate is good for the URL's host and was checked before
// anything was sent (RFC 7030 §3.3); redirects are answers. An error says in words why there is no
// answer, or none of at most `reply_max`. This library has no sockets: whoever uses it brings this.
using EstTransport = std::function<Result<EstReply>(const EstCall&)>;

}  // namespace cloudsign::external_ca
