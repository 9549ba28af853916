#pragma once

#include "hsm/base/bytes.h"
#include "hsm/client/endpoint.h"

namespace hsm::client {

// A connected, non-blocking stream socket, closed with its object.
class Socket {
public:
    // `link_refused` when nobody listens there, `link_timeout`, `io_failed` for the rest.
    static Result<Socket> connect(const Endpoint& endpoint, Deadline deadline);

    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    int descriptor() const { return descriptor_; }

    // Bytes taken, 0 when the kernel takes none at present. `link_closed` when the peer is gone.
    Result<std::size_t> send(ByteView bytes);

    enum class Readiness : std::uint8_t { readable, writable };
    // `link_timeout` at the deadline.
    Result<void> wait(Readiness readiness, Deadline deadline) const;

private:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

// What poll() takes: milliseconds left, rounded up, never negative.
int poll_timeout(Deadline deadline);

}  // namespace hsm::client
