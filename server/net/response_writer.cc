#include "server/net/response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "server/http/headers.h"

namespace server::net {
namespace {

constexpr std::array<std::pair<unsigned, std::string_view>, 29> reasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

std::string_view reason_of(unsigned status) {
    const auto* row =
        std::ranges::find(reasons, status, &std::pair<unsigned, std::string_view>::first);
    return row == reasons.end() ? std::string_view("Status") : row->second;
}

void append_number(std::string& text, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text.append(digits.data(), end);
}

void append_header(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110 §5.6.2
constexpr bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

constexpr bool is_value_char(char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

bool has_content(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

std::string_view DateText::at(std::time_t seconds) {
    if (seconds != made_for_) {
        std::tm calendar{};
        ::gmtime_r(&seconds, &calendar);
        std::array<char, 64> text;
        const std::size_t size =
            std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &calendar);
        text_.assign(text.data(), size);
        made_for_ = seconds;
    }
    return text_;
}

bool has_valid_headers(const http::Response& response) {
    return std::ranges::all_of(response.headers, [](const auto& header) {
        return !header.first.empty() && std::ranges::all_of(header.first, is_token_char) &&
               std::ranges::all_of(header.second, is_value_char);
    });
}

std::string response_head(const http::Response& response,
                          Connection connection,
                          std::string_view request_id,
                          std::string_view date,
                          Framing framing) {
    std::string head;
    head.reserve(384);
    head.append("HTTP/1.1 ");
    append_number(head, response.status);
    head.append(" ").append(reason_of(response.status)).append("\r\n");
    append_header(head, "Date", date);
    if (!response.content_type.empty()) {
        append_header(head, "Content-Type", response.content_type);
    }
    if (has_content(response.status) && framing == Framing::length) {
        head.append("Content-Length: ");
        append_number(head, response.body.size());
        head.append("\r\n");
    }
    if (connection == Connection::close) {
        append_header(head, "Connection", "close");
    }
    append_header(head, "X-Request-Id", request_id);
    append_header(head, "X-Content-Type-Options", "nosniff");
    bool caching_said = false;
    for (const auto& [name, value] : response.headers) {
        append_header(head, name, value);
        caching_said = caching_said || http::equal_ignoring_case(name, "cache-control");
    }
    if (!caching_said) {
        append_header(head, "Cache-Control", "no-store");
    }
    head.append("\r\n");
    return head;
}

}  // namespace server::net
