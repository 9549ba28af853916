#include "firmware/channel/serial_channel.h"

#include "hsm/base/byte_writer.h"

namespace firmware::channel {

using hsm::ByteView;
using hsm::protocol::Frame;
using hsm::protocol::frame_payload_size_max;
using hsm::protocol::FrameType;
using hsm::protocol::stream_count;

SerialChannel::SerialChannel(hal::Link& link, SerialMemory& memory, const TlsServer& server)
    : link_(link), streams_{Stream(server, memory.buffers(0)), Stream(server, memory.buffers(1))} {
    static_assert(stream_count == 2);
}

void SerialChannel::announce(const hal::PanicRecord& last) {
    std::array<hsm::Byte, hsm::protocol::restart_payload_size> payload{};
    hsm::ByteWriter writer(payload);
    writer.u32(static_cast<std::uint32_t>(last.cause));
    writer.u32(last.detail);
    for (std::uint8_t number = 0; number < stream_count; ++number) {
        send_frame(FrameType::reset, number, 0, payload);
    }
}

bool SerialChannel::receive() {
    const auto size = link_.receive(decoder_.wanted());
    decoder_.received(size);
    while (const auto frame = decoder_.next()) {
        take(*frame);
    }
    return size != 0;
}

void SerialChannel::take(const Frame& frame) {
    const auto number = frame.head.stream;
    switch (frame.head.type) {
        case FrameType::hello:
            begin(number);
            break;
        case FrameType::reset:
            end(number);
            break;
        case FrameType::payload:
            take_payload(number, frame);
            break;
        case FrameType::ready:
        case FrameType::not_ready:
            break;  // a module's own words
    }
}

// A session that cannot be opened has no memory left: the host hears RESET and may try again.
void SerialChannel::begin(std::uint8_t number) {
    auto& stream = streams_[number];
    end(number);
    if (!stream.session.open()) {
        send_frame(FrameType::reset, number, 0, {});
        return;
    }
    stream.open = true;
    constexpr std::array<hsm::Byte, 1> version{hsm::protocol::frame_version};
    send_frame(FrameType::hello, number, 0, version);
}

// A frame that is missing, or comes before it was asked for, has lost bytes of a TLS record: there
// is no way on but a new session.
void SerialChannel::take_payload(std::uint8_t number, const Frame& frame) {
    auto& stream = streams_[number];
    const auto space = stream.session.receive_space();
    if (!stream.open || stream.owes_ready || frame.head.sequence != stream.receive_sequence ||
        frame.payload.size() > space.size()) {
        end(number);
        send_frame(FrameType::reset, number, 0, {});
        return;
    }
    std::ranges::copy(frame.payload, space.begin());
    stream.session.received(frame.payload.size());
    ++stream.receive_sequence;
    stream.owes_ready = true;
}

void SerialChannel::end(std::uint8_t number) {
    auto& stream = streams_[number];
    stream.session.abandon();
    stream.open = false;
    stream.owes_ready = false;
    stream.receive_sequence = stream.send_sequence = 0;
    stream.message_since_ms = 0;
}

std::optional<ByteView> SerialChannel::next_request(std::uint8_t number) {
    auto& stream = streams_[number];
    const auto& other = streams_[stream_count - 1 - number];
    if (!stream.open || (other.open && other.session.in_message())) {
        return std::nullopt;
    }
    const auto message = stream.session.next_message();
    send(number);
    if (!message) {
        end(number);
        send_frame(FrameType::reset, number, 0, {});
        return std::nullopt;
    }
    if (stream.owes_ready && stream.session.incoming_used_up()) {
        stream.owes_ready = false;
        send_frame(FrameType::ready, number, stream.receive_sequence, {});
    }
    return *message;
}

void SerialChannel::send(std::uint8_t number) {
    auto& stream = streams_[number];
    for (auto bytes = stream.session.bytes_to_send(); !bytes.empty();
         bytes = stream.session.bytes_to_send()) {
        const auto part = bytes.first(std::min(bytes.size(), frame_payload_size_max));
        send_frame(FrameType::payload, number, stream.send_sequence, part);
        ++stream.send_sequence;
        stream.session.sent(part.size());
    }
}

void SerialChannel::send_not_ready() {
    for (std::uint8_t number = 0; number < stream_count; ++number) {
        if (streams_[number].open) {
            send_frame(FrameType::not_ready, number, 0, {});
        }
    }
}

void SerialChannel::watch(std::uint64_t now_ms) {
    for (std::uint8_t number = 0; number < stream_count; ++number) {
        auto& stream = streams_[number];
        if (!stream.open || !stream.session.in_message()) {
            stream.message_since_ms = 0;
        } else if (stream.message_since_ms == 0) {
            stream.message_since_ms = std::max<std::uint64_t>(now_ms, 1);
        } else if (now_ms - stream.message_since_ms > message_ms_max) {
            end(number);
            send_frame(FrameType::reset, number, 0, {});
        }
    }
}

void SerialChannel::send_frame(FrameType type,
                               std::uint8_t stream,
                               std::uint8_t sequence,
                               ByteView payload) {
    const auto head = hsm::protocol::encode_frame_head({type, stream, sequence}, payload.size());
    link_.send(head);
    link_.send(payload);
    link_.send(hsm::protocol::encode_frame_tail(head, payload));
}

}  // namespace firmware::channel
