#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

namespace server::http {

// What a handler answers. The shell adds Date, Content-Length, Connection, X-Request-Id,
// X-Content-Type-Options and, unless it is among `headers`, `Cache-Control: no-store`.
struct Response {
    unsigned status = 200;
    std::string_view content_type;  // static storage; empty: no such header
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    Response& with(std::string_view name, std::string_view value) &;
    Response&& with(std::string_view name, std::string_view value) &&;
};

inline constexpr std::string_view json_type = "application/json";

Response json(unsigned status, const boost::json::value& body);

// `body` is JSON already.
Response json_text(unsigned status, std::string body);

// 204.
Response no_content();

// `{"error": code, "error_description": description}`, the shape that CSC (§10.1 of v2) and
// OAuth (RFC 6749 §5.2) share.
Response error(unsigned status, std::string_view code, std::string_view description);

// 503 with Retry-After: nothing was done, the same request may be sent again.
Response busy(std::string_view description);

}  // namespace server::http
