#include "hsm/client/socket.h"

#include <cerrno>
#include <climits>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hsm/client/relay_thread.h"

namespace hsm::client {
namespace {

Status status_of_errno(int error) {
    switch (error) {
        case ECONNREFUSED:
        case ENOENT:
        case EACCES:
        case EHOSTUNREACH:
        case ENETUNREACH:
            return Status::link_refused;
        case EPIPE:
        case ECONNRESET:
            return Status::link_closed;
        case ETIMEDOUT:
            return Status::link_timeout;
        default:
            return Status::io_failed;
    }
}

struct AddressListCloser {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListCloser>;

AddressList resolve(const TcpAddress& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const auto port = std::to_string(address.port);
    if (::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &list) != 0) {
        return nullptr;
    }
    return AddressList(list);
}

}  // namespace

int poll_timeout(Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
}

Socket::Socket(int descriptor) : descriptor_(descriptor) {}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), relay_(std::move(other.relay_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(relay_, other.relay_);
    return *this;
}

// The relay ends when it sees this end closed.
Socket::~Socket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<Socket> Socket::relayed(Line line, std::uint8_t stream) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return Status::io_failed;
    }
    Socket socket(ends[0]);
    socket.relay_ = std::make_unique<RelayThread>(std::move(line), stream, ends[1]);
    return socket;
}

Result<Socket> Socket::connect(const Endpoint& endpoint, Deadline deadline, std::uint8_t stream) {
    if (const auto* port = std::get_if<SerialPath>(&endpoint)) {
        TRY_ASSIGN(auto line, Line::open(*port));
        return relayed(std::move(line), stream);
    }
    if (const auto* framed = std::get_if<FramedUnixPath>(&endpoint)) {
        TRY_ASSIGN(auto line, Line::open(*framed, deadline));
        return relayed(std::move(line), stream);
    }
    const auto open = [&](int family, const sockaddr* address, socklen_t size) -> Result<Socket> {
        Socket socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket.descriptor_ < 0) {
            return Status::io_failed;
        }
        if (::connect(socket.descriptor_, address, size) != 0) {
            // A unix socket with a full backlog says EAGAIN: for the caller that is a refusal.
            if (errno != EINPROGRESS) {
                return errno == EAGAIN ? Status::link_refused : status_of_errno(errno);
            }
            TRY(socket.wait(Readiness::writable, deadline));
            int error = 0;
            socklen_t error_size = sizeof(error);
            ::getsockopt(socket.descriptor_, SOL_SOCKET, SO_ERROR, &error, &error_size);
            if (error != 0) {
                return status_of_errno(error);
            }
        }
        return socket;
    };

    if (const auto* unix_path = std::get_if<UnixPath>(&endpoint)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (unix_path->path.size() >= sizeof(address.sun_path)) {
            return Status::malformed;
        }
        unix_path->path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        return open(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }
    const auto addresses = resolve(std::get<TcpAddress>(endpoint));
    Status status = Status::link_refused;
    for (const auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
        auto socket = open(at->ai_family, at->ai_addr, at->ai_addrlen);
        if (socket) {
            const int on = 1;
            ::setsockopt(socket->descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            return socket;
        }
        status = socket.error();
    }
    return status;
}

Result<std::size_t> Socket::send(ByteView bytes) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
        return static_cast<std::size_t>(sent);
    }
    if (errno == EAGAIN || errno == EINTR) {
        return std::size_t{0};
    }
    return status_of_errno(errno);
}

Result<void> wait_for(int descriptor, Readiness readiness, Deadline deadline) {
    for (;;) {
        pollfd entry{
            descriptor, static_cast<short>(readiness == Readiness::readable ? POLLIN : POLLOUT), 0};
        const int ready = ::poll(&entry, 1, poll_timeout(deadline));
        if (ready > 0) {
            return {};
        }
        if (ready == 0) {
            return Status::link_timeout;
        }
        if (errno != EINTR) {
            return Status::io_failed;
        }
    }
}

}  // namespace hsm::client
