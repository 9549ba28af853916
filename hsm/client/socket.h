#pragma once

#include <memory>
#include <utility>

#include "hsm/base/bytes.h"
#include "hsm/client/endpoint.h"

namespace hsm::client {

class Line;
class RelayThread;

// `link_timeout` at the deadline, `io_failed`.
enum class Readiness : std::uint8_t { readable, writable };
Result<void> wait_for(int descriptor, Readiness readiness, Deadline deadline);

// A connected, non-blocking stream socket, closed with its object.
class Socket {
public:
    // `link_refused` when nobody listens there, `link_timeout`, `busy` when another program has the
    // serial port, `io_failed` for the rest. `stream` is of a serial line; others have none. A
    // program that has a serial line has it alone, and with it one stream: kyso-uart shares it.
    static Result<Socket> connect(const Endpoint& endpoint,
                                  Deadline deadline,
                                  std::uint8_t stream = 0);

    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    int descriptor() const { return descriptor_; }

    // The caller's to close from now on.
    int release() { return std::exchange(descriptor_, -1); }

    // Bytes taken, 0 when the kernel takes none at present. `link_closed` when the peer is gone.
    Result<std::size_t> send(ByteView bytes);

    using Readiness = client::Readiness;
    // `link_timeout` at the deadline.
    Result<void> wait(Readiness readiness, Deadline deadline) const {
        return wait_for(descriptor_, readiness, deadline);
    }

private:
    explicit Socket(int descriptor);
    static Result<Socket> relayed(Line line, std::uint8_t stream);

    int descriptor_ = -1;
    std::unique_ptr<RelayThread> relay_;  // of a serial line
};

// What poll() takes: milliseconds left, rounded up, never negative.
int poll_timeout(Deadline deadline);

}  // namespace hsm::client
