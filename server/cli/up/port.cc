#include "server/cli/up/port.h"

#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace server::cli::up {
namespace {

constexpr std::uint16_t choices = 200;

// The claim is a name in the abstract namespace of unix sockets: it belongs to the same network
// namespace as the port, and goes with the process.
int bind_claim(std::uint16_t port) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = "kyso/port/" + std::to_string(port);
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(descriptor,
               reinterpret_cast<const sockaddr*>(&address),
               static_cast<socklen_t>(size)) == 0) {
        return descriptor;
    }
    ::close(descriptor);
    return -1;
}

bool somebody_listens(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    // As the server binds: connections that linger from before are no obstacle.
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    const bool bound =
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
        ::listen(descriptor, 1) == 0;
    ::close(descriptor);
    return !bound;
}

}  // namespace

std::optional<PortClaim> PortClaim::take(std::uint16_t port) {
    const int descriptor = bind_claim(port);
    if (descriptor < 0) {
        return std::nullopt;
    }
    PortClaim claim(port, descriptor);
    if (somebody_listens(port)) {
        return std::nullopt;
    }
    return claim;
}

Outcome<PortClaim> PortClaim::choose(std::optional<std::uint16_t> wanted) {
    if (wanted) {
        auto claim = take(*wanted);
        if (!claim) {
            return Failure{"port " + std::to_string(*wanted) +
                           " is taken; choose another with --port"};
        }
        return *std::move(claim);
    }
    for (std::uint16_t port = default_port; port < default_port + choices; ++port) {
        if (auto claim = take(port)) {
            return *std::move(claim);
        }
    }
    return Failure{"no port from " + std::to_string(default_port) + " to " +
                   std::to_string(default_port + choices - 1) + " is free; choose one with --port"};
}

PortClaim::PortClaim(PortClaim&& other) noexcept
    : port_(other.port_), descriptor_(std::exchange(other.descriptor_, -1)) {}

PortClaim::~PortClaim() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace server::cli::up
