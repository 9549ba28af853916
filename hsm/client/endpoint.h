#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "hsm/base/result.h"

namespace hsm::client {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline after(std::chrono::milliseconds duration) {
    return std::chrono::steady_clock::now() + duration;
}

struct UnixPath {
    std::string path;
    friend bool operator==(const UnixPath&, const UnixPath&) = default;
};
struct TcpAddress {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const TcpAddress&, const TcpAddress&) = default;
};

// Where a module answers.
using Endpoint = std::variant<UnixPath, TcpAddress>;

// "unix:PATH" or a text with a '/' in it is a socket's path; "tcp:HOST:PORT", "HOST:PORT" and
// "[IPv6]:PORT" an address. `malformed` for anything else.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace hsm::client
