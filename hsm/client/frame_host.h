#pragma once

#include <vector>

#include "hsm/client/endpoint.h"
#include "hsm/protocol/frame.h"

namespace hsm::client {

// A host's end of a serial line (hsm/protocol/PROTOCOL.md "Serial line"), without the line: bytes
// go in and out, and each stream is a pipe that opens, carries bytes and closes.
class FrameHost {
public:
    FrameHost();

    // Asks the module to begin the stream anew.
    void open(std::uint8_t stream, Deadline now);
    // Tells the module that the stream is over.
    void close(std::uint8_t stream);

    // Bytes that send() takes now; 0 while the module has not asked for more.
    std::size_t room(std::uint8_t stream) const;
    void send(std::uint8_t stream, ByteView bytes, Deadline now);

    // Bytes from the line, and what they bring: bytes for streams, or their end.
    class Receiver {
    public:
        virtual void received(std::uint8_t stream, ByteView bytes) = 0;
        // The module has no session on it any more, or bytes were lost.
        virtual void ended(std::uint8_t stream) = 0;
        // The module has started; cause and detail of its end before, 0 and 0 for none.
        virtual void restarted(std::uint32_t cause, std::uint32_t detail) = 0;

    protected:
        ~Receiver() = default;
    };
    void receive(ByteView bytes, Deadline now, Receiver& receiver);

    // Repeats what may have been lost, and ends streams on which the module owes an answer and has
    // said nothing for silence_max. Call it at next_deadline().
    void watch(Deadline now, Receiver& receiver);
    Deadline next_deadline() const;

    // For the line, in order.
    ByteView bytes_to_send() const { return outgoing_; }
    void sent(std::size_t size);

    static constexpr std::chrono::milliseconds hello_interval{1'000};
    static constexpr std::chrono::milliseconds silence_max{30'000};

private:
    enum class Phase : std::uint8_t { closed, greeting, open };
    struct Stream {
        Phase phase = Phase::closed;
        bool may_send = false;
        std::uint8_t send_sequence = 0;
        std::uint8_t receive_sequence = 0;
        Deadline hello_at{};
        Deadline silent_at = Deadline::max();  // unless it says something before
    };

    void take(const protocol::Frame& frame, Deadline now, Receiver& receiver);
    void take_payload(std::uint8_t number, const protocol::Frame& frame, Receiver& receiver);
    void end(std::uint8_t number, Receiver& receiver);
    void put_frame(const protocol::FrameHead& head, ByteView payload);

    std::array<Stream, protocol::stream_count> streams_{};
    protocol::FrameDecoder decoder_;
    std::vector<Byte> outgoing_;
};

}  // namespace hsm::client
