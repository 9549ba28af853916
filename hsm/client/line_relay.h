#pragma once

#include <functional>
#include <vector>

#include "hsm/client/frame_host.h"
#include "hsm/client/line.h"

namespace hsm::client {

// Joins stream sockets to the streams of a serial line, so that whoever speaks TLS over a socket
// reaches a board without knowing that there is a UART between. For one thread.
class LineRelay final : private FrameHost::Receiver {
public:
    // Told when the board starts: a cause and a detail of its end before (firmware/hal/panic.h).
    using OnRestart = std::function<void(std::uint32_t cause, std::uint32_t detail)>;

    explicit LineRelay(Line line, OnRestart on_restart = {});
    LineRelay(const LineRelay&) = delete;
    LineRelay& operator=(const LineRelay&) = delete;
    ~LineRelay();

    // Takes a connected, non-blocking socket and begins the stream anew; closes it when the stream
    // ends. False, and the socket is not taken, while the stream has one.
    bool attach(std::uint8_t stream, int socket);
    bool attached(std::uint8_t stream) const { return joins_[stream].socket >= 0; }

    // One turn: waits until something can be done, also when one of the caller's descriptors (two
    // at most) is readable, and does it. `link_closed` when the line is gone.
    Result<void> turn(std::span<const int> wakes = {});

    // What is still to go onto the line goes, for a moment at most: the word that a stream is over.
    void drain();

private:
    struct Join {
        int socket = -1;
        std::vector<Byte> unread;  // from the module, until the socket takes it
    };

    void received(std::uint8_t stream, ByteView bytes) override;
    void ended(std::uint8_t stream) override;
    void restarted(std::uint32_t cause, std::uint32_t detail) override;
    Result<void> read_line();
    Result<void> write_line();
    void read_socket(std::uint8_t stream);
    void write_socket(std::uint8_t stream);
    void close_socket(std::uint8_t stream);

    Line line_;
    OnRestart on_restart_;
    FrameHost host_;
    std::array<Join, protocol::stream_count> joins_;
};

}  // namespace hsm::client
