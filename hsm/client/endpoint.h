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
// A board on a serial port, and an emulated one whose UART is a unix socket.
struct SerialPath {
    std::string path;
    friend bool operator==(const SerialPath&, const SerialPath&) = default;
};
struct FramedUnixPath {
    std::string path;
    friend bool operator==(const FramedUnixPath&, const FramedUnixPath&) = default;
};

// Where a module answers.
using Endpoint = std::variant<UnixPath, TcpAddress, SerialPath, FramedUnixPath>;

// "serial:PATH" is a serial port, "uart+unix:PATH" an emulated one; "unix:PATH" or another text
// with a '/' in it is a socket's path; "tcp:HOST:PORT", "HOST:PORT" and "[IPv6]:PORT" an address.
// `malformed` for anything else.
Result<Endpoint> parse_endpoint(std::string_view text);

// Where several hosts can be served at once; a line has room for one of each role.
bool is_socket(const Endpoint& endpoint);

// The text that parse_endpoint() makes it of.
std::string text_of(const Endpoint& endpoint);

}  // namespace hsm::client
