#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "server/http/response.h"

namespace server::net {

enum class Connection : std::uint8_t { keep, close };
enum class Framing : std::uint8_t { length, until_close };

// The `Date` header's value for a second (RFC 9110 §5.6.7), made anew only when the second changes.
class DateText {
public:
    std::string_view at(std::time_t seconds);

private:
    std::time_t made_for_ = -1;
    std::string text_;
};

// True when every header of `response` is one line of visible text with a token for its name: a
// value with a line break in it would be a second response.
bool has_valid_headers(const http::Response& response);

// RFC 9110 §8.6 and §15.4.5: 204 and 304 have no content.
bool has_content(unsigned status);

// Status line and header section, up to and including the empty line.
std::string response_head(const http::Response& response,
                          Connection connection,
                          std::string_view request_id,
                          std::string_view date,
                          Framing framing = Framing::length);

}  // namespace server::net
