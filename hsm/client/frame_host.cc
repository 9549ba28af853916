#include "hsm/client/frame_host.h"

namespace hsm::client {

using protocol::Frame;
using protocol::FrameHead;
using protocol::FrameType;

// Whatever a host before this one had under way is over.
FrameHost::FrameHost() : outgoing_(protocol::frame_preamble_size, Byte{0}) {
    for (std::uint8_t number = 0; number < protocol::stream_count; ++number) {
        put_frame({FrameType::reset, number, 0}, {});
    }
}

void FrameHost::open(std::uint8_t number, Deadline now) {
    auto& stream = streams_[number];
    stream = {};
    stream.phase = Phase::greeting;
    stream.hello_at = now + hello_interval;
    constexpr std::array<Byte, 1> version{protocol::frame_version};
    put_frame({FrameType::hello, number, 0}, version);
}

void FrameHost::close(std::uint8_t number) {
    if (streams_[number].phase != Phase::closed) {
        streams_[number] = {};
        put_frame({FrameType::reset, number, 0}, {});
    }
}

std::size_t FrameHost::room(std::uint8_t number) const {
    const auto& stream = streams_[number];
    return stream.phase == Phase::open && stream.may_send ? protocol::frame_payload_size_max : 0;
}

void FrameHost::send(std::uint8_t number, ByteView bytes, Deadline now) {
    CHECK(!bytes.empty() && bytes.size() <= room(number));
    auto& stream = streams_[number];
    put_frame({FrameType::payload, number, stream.send_sequence++}, bytes);
    stream.may_send = false;
    stream.silent_at = now + silence_max;
}

void FrameHost::receive(ByteView bytes, Deadline now, Receiver& receiver) {
    decoder_.feed(bytes, [&](const Frame& frame) { take(frame, now, receiver); });
}

void FrameHost::take(const Frame& frame, Deadline now, Receiver& receiver) {
    const auto number = frame.head.stream;
    auto& stream = streams_[number];
    if (stream.silent_at != Deadline::max()) {
        stream.silent_at = now + silence_max;
    }
    switch (frame.head.type) {
        case FrameType::hello:
            // Several HELLOs are answered several times, the first answer counts.
            if (stream.phase == Phase::greeting) {
                stream.phase = Phase::open;
                stream.may_send = true;
            }
            break;
        case FrameType::payload:
            take_payload(number, frame, receiver);
            break;
        case FrameType::ready:
            if (stream.phase == Phase::open && frame.head.sequence == stream.send_sequence) {
                stream.may_send = true;
                stream.silent_at = Deadline::max();
            }
            break;
        case FrameType::reset:
            if (frame.payload.size() == protocol::restart_payload_size && number == 0) {
                ByteReader reader(frame.payload);
                const auto cause = reader.u32();
                const auto detail = reader.u32();
                receiver.restarted(*cause, *detail);
            }
            // One that was under way when the stream was opened is about the session before.
            if (stream.phase == Phase::open) {
                end(number, receiver);
            }
            break;
        case FrameType::not_ready:
            if (stream.phase == Phase::greeting) {
                stream.hello_at = now + silence_max;
            }
            break;
    }
}

void FrameHost::take_payload(std::uint8_t number, const Frame& frame, Receiver& receiver) {
    auto& stream = streams_[number];
    if (stream.phase != Phase::open) {
        return;
    }
    if (frame.head.sequence != stream.receive_sequence) {
        put_frame({FrameType::reset, number, 0}, {});
        end(number, receiver);
        return;
    }
    ++stream.receive_sequence;
    receiver.received(number, frame.payload);
}

void FrameHost::end(std::uint8_t number, Receiver& receiver) {
    streams_[number] = {};
    receiver.ended(number);
}

void FrameHost::watch(Deadline now, Receiver& receiver) {
    for (std::uint8_t number = 0; number < streams_.size(); ++number) {
        auto& stream = streams_[number];
        if (stream.phase == Phase::greeting && stream.hello_at <= now) {
            open(number, now);
        } else if (stream.phase == Phase::open && stream.silent_at <= now) {
            put_frame({FrameType::reset, number, 0}, {});
            end(number, receiver);
        }
    }
}

Deadline FrameHost::next_deadline() const {
    auto next = Deadline::max();
    for (const auto& stream : streams_) {
        if (stream.phase == Phase::greeting) {
            next = std::min(next, stream.hello_at);
        } else if (stream.phase == Phase::open) {
            next = std::min(next, stream.silent_at);
        }
    }
    return next;
}

void FrameHost::put_frame(const FrameHead& head, ByteView payload) {
    const auto start = protocol::encode_frame_head(head, payload.size());
    const auto tail = protocol::encode_frame_tail(start, payload);
    outgoing_.insert(outgoing_.end(), start.begin(), start.end());
    outgoing_.insert(outgoing_.end(), payload.begin(), payload.end());
    outgoing_.insert(outgoing_.end(), tail.begin(), tail.end());
}

void FrameHost::sent(std::size_t size) {
    CHECK(size <= outgoing_.size());
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace hsm::client
