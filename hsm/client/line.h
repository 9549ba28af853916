#pragma once

#include "hsm/client/endpoint.h"
#include "hsm/client/socket.h"

namespace hsm::client {

// A serial line to a board: bytes both ways, no connection. Closed with its object.
class Line {
public:
    // `link_refused` when there is no such port, `busy` when another program has it, `io_failed`.
    // The port is 8N1 at line_baud, raw; a unix socket carries what a UART would.
    static Result<Line> open(const SerialPath& port);
    static Result<Line> open(const FramedUnixPath& socket, Deadline deadline);

    Line(Line&& other) noexcept;
    Line& operator=(Line&& other) noexcept;
    ~Line();

    int descriptor() const { return descriptor_; }

    // Bytes taken or put, 0 when there are none, or no room, at present. `link_closed` when the
    // line is gone: unplugged, or the emulator ended.
    Result<std::size_t> read(MutableBytes into);
    Result<std::size_t> write(ByteView bytes);
    // All of them; `link_timeout` at the deadline.
    Result<void> write_all(ByteView bytes, Deadline deadline);

    // `link_timeout` at the deadline.
    Result<void> wait(Readiness readiness, Deadline deadline) const {
        return wait_for(descriptor_, readiness, deadline);
    }

    static constexpr unsigned line_baud = 1'000'000;

private:
    explicit Line(int descriptor) : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

}  // namespace hsm::client
