#pragma once

#include "firmware/channel/tls_session.h"
#include "firmware/hal/link.h"
#include "firmware/hal/panic.h"
#include "hsm/protocol/frame.h"

namespace firmware::channel {

// What the two sessions of a serial line share, and what each has of its own: TlsBuffers says why
// that is enough.
class SerialMemory {
public:
    TlsBuffers buffers(std::size_t stream) {
        return {incoming_[stream], message_, answers_, outgoing_};
    }

private:
    std::array<std::array<hsm::Byte, hsm::protocol::frame_payload_size_max>,
               hsm::protocol::stream_count>
        incoming_{};
    std::array<hsm::Byte, hsm::protocol::message_buffer_size> message_{};
    std::array<hsm::Byte, hsm::protocol::message_buffer_size> answers_{};
    std::array<hsm::Byte, tls_record_size_max> outgoing_{};
};

// The module's end of a serial line: frames off the line into the session of their stream, and the
// session's bytes onto it (PROTOCOL.md "Serial line"). Whatever a host leaves half done, the next
// HELLO on its stream begins anew.
//
//   receive() → { next_request() → session().answer_space(), hold_answer(), release_answers(),
//   send() }*, for each stream
class SerialChannel {
public:
    // All outlive this.
    SerialChannel(hal::Link& link, SerialMemory& memory, const TlsServer& server);

    // Tells whoever listens that every session is gone, and how the start before this one ended.
    void announce(const hal::PanicRecord& last);

    // Takes in what the line has brought, as far as there is room. False when it was nothing.
    bool receive();

    // The stream's next request; nothing when there is none. Sends what the handshake, or the
    // session's failure, has to say.
    std::optional<hsm::ByteView> next_request(std::uint8_t stream);

    TlsSession& session(std::uint8_t stream) { return streams_[stream].session; }

    // Everything released leaves; does not wait for the host.
    void send(std::uint8_t stream);

    // Before work that takes long: the module is alive, but will not read for a while.
    void send_not_ready();

    // Gives up a host that began a message `message_ms_max` ago and has not ended it: it holds the
    // buffer that both streams need.
    void watch(std::uint64_t now_ms);

    static constexpr std::uint64_t message_ms_max = 3'000;

private:
    struct Stream {
        Stream(const TlsServer& server, const TlsBuffers& buffers) : session(server, buffers) {}

        TlsSession session;
        bool open = false;
        bool owes_ready = false;  // the host waits to hear that its frame is used up
        std::uint8_t receive_sequence = 0;
        std::uint8_t send_sequence = 0;
        std::uint64_t message_since_ms = 0;  // 0: not in a message
    };

    void take(const hsm::protocol::Frame& frame);
    void begin(std::uint8_t number);
    void take_payload(std::uint8_t number, const hsm::protocol::Frame& frame);
    void end(std::uint8_t number);
    void send_frame(hsm::protocol::FrameType type,
                    std::uint8_t stream,
                    std::uint8_t sequence,
                    hsm::ByteView payload);

    hal::Link& link_;
    hsm::protocol::FrameDecoder decoder_;
    std::array<Stream, hsm::protocol::stream_count> streams_;
};

}  // namespace firmware::channel
