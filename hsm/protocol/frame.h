#pragma once

#include <optional>

#include "hsm/base/byte_reader.h"

// The outer frame on a line that has neither connections nor flow control: PROTOCOL.md "Serial
// line". Over sockets there is none.
namespace hsm::protocol {

enum class FrameType : std::uint8_t {
    hello = 1,      // host: begin anew; module: done, send
    reset = 2,      // there is no session on this stream any more
    payload = 3,    // bytes of the session's TLS records
    ready = 4,      // module: the frame with the sequence before this one is used up, send the next
    not_ready = 5,  // module: nothing for a while, but alive
};

constexpr Byte frame_start = 0xa5;
constexpr std::uint8_t frame_version = 1;
constexpr std::uint8_t stream_count = 2;  // 0 for the server, 1 for an operator
constexpr std::size_t frame_head_size = 6;
constexpr std::size_t frame_payload_size_max = 512;
constexpr std::size_t frame_tail_size = 4;
constexpr std::size_t frame_size_max = frame_head_size + frame_payload_size_max + frame_tail_size;
// Of the RESET that a module sends when it starts: how its start before ended (hal/panic.h), a
// cause and a detail of 4 bytes each, zeros for nothing special.
constexpr std::size_t restart_payload_size = 8;
// What a host sends before its first HELLO: zeros that end whatever frame the host before it left
// unfinished.
constexpr std::size_t frame_preamble_size = frame_size_max;

struct FrameHead {
    FrameType type = FrameType::reset;
    std::uint8_t stream = 0;
    std::uint8_t sequence = 0;

    friend bool operator==(const FrameHead&, const FrameHead&) = default;
};

struct Frame {
    FrameHead head;
    ByteView payload;
};

// A frame in three pieces, so that the payload goes onto the line from where it lies.
std::array<Byte, frame_head_size> encode_frame_head(const FrameHead& head,
                                                    std::size_t payload_size);
std::array<Byte, frame_tail_size> encode_frame_tail(
    const std::array<Byte, frame_head_size>& encoded_head, ByteView payload);

// Cuts frames out of a stream of bytes and finds the next one after any garbage: a frame counts
// only with its checksum, and bytes that are none are dropped one by one. Holds one frame.
//
//   { wanted(), received() → next()* }*
class FrameDecoder {
public:
    // Where the next bytes go; never empty after next() has answered nothing.
    MutableBytes wanted();
    void received(std::size_t size);

    // The next whole frame, valid until the next call of this object; nothing when more bytes are
    // needed.
    std::optional<Frame> next();

    // All of them, and `on_frame` for each whole frame on the way.
    template <class OnFrame>
    void feed(ByteView bytes, OnFrame on_frame) {
        while (!bytes.empty()) {
            const auto space = wanted();
            const auto part =
                bytes.first(bytes.size() < space.size() ? bytes.size() : space.size());
            for (std::size_t i = 0; i < part.size(); ++i) {
                space[i] = part[i];
            }
            received(part.size());
            bytes = bytes.subspan(part.size());
            while (const auto frame = next()) {
                on_frame(*frame);
            }
        }
    }

    // Bytes that were no frame, so far: the line's quality.
    std::uint64_t dropped() const { return dropped_; }

    void clear();

private:
    enum class Look : std::uint8_t { frame, garbage, incomplete };
    Look look(Frame& frame);

    std::array<Byte, frame_size_max> buffer_{};
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::size_t taken_ = 0;  // of the frame that next() gave
    std::uint64_t dropped_ = 0;
};

}  // namespace hsm::protocol
