#include "hsm/protocol/frame.h"

#include "hsm/base/byte_writer.h"
#include "hsm/base/crc32c.h"

namespace hsm::protocol {
namespace {

std::uint32_t checksum(ByteView head, ByteView payload) {
    return crc32c(crc32c(0, head.subspan(1)), payload);  // all but the start byte
}

bool is_type(std::uint8_t code) {
    return code >= static_cast<std::uint8_t>(FrameType::hello) &&
           code <= static_cast<std::uint8_t>(FrameType::not_ready);
}

}  // namespace

std::array<Byte, frame_head_size> encode_frame_head(const FrameHead& head,
                                                    std::size_t payload_size) {
    CHECK(head.stream < stream_count && payload_size <= frame_payload_size_max);
    std::array<Byte, frame_head_size> encoded{};
    ByteWriter writer(encoded);
    writer.u8(frame_start);
    writer.u8(static_cast<std::uint8_t>(head.type));
    writer.u8(head.stream);
    writer.u8(head.sequence);
    writer.u16(static_cast<std::uint16_t>(payload_size));
    return encoded;
}

std::array<Byte, frame_tail_size> encode_frame_tail(
    const std::array<Byte, frame_head_size>& encoded_head, ByteView payload) {
    std::array<Byte, frame_tail_size> encoded{};
    ByteWriter writer(encoded);
    writer.u32(checksum(encoded_head, payload));
    return encoded;
}

MutableBytes FrameDecoder::wanted() {
    std::memmove(buffer_.data(), buffer_.data() + first_ + taken_, size_ - taken_);
    size_ -= taken_;
    first_ = taken_ = 0;
    return MutableBytes(buffer_).subspan(size_);
}

void FrameDecoder::received(std::size_t size) {
    CHECK(size <= buffer_.size() - first_ - size_);
    size_ += size;
}

void FrameDecoder::clear() {
    first_ = size_ = taken_ = 0;
}

FrameDecoder::Look FrameDecoder::look(Frame& frame) {
    const auto bytes = ByteView(buffer_).subspan(first_, size_);
    if (bytes.front() != frame_start) {
        return Look::garbage;
    }
    if (bytes.size() < frame_head_size) {
        return Look::incomplete;
    }
    const std::size_t payload_size = std::size_t{bytes[4]} << 8 | bytes[5];
    if (!is_type(bytes[1]) || bytes[2] >= stream_count || payload_size > frame_payload_size_max) {
        return Look::garbage;
    }
    const auto whole = frame_head_size + payload_size + frame_tail_size;
    if (bytes.size() < whole) {
        return Look::incomplete;
    }
    frame = {{static_cast<FrameType>(bytes[1]), bytes[2], bytes[3]},
             bytes.subspan(frame_head_size, payload_size)};
    ByteReader tail(bytes.subspan(frame_head_size + payload_size));
    const auto expected = tail.u32();
    return expected && *expected == checksum(bytes.first(frame_head_size), frame.payload)
               ? Look::frame
               : Look::garbage;
}

std::optional<Frame> FrameDecoder::next() {
    first_ += taken_;
    size_ -= taken_;
    taken_ = 0;
    while (size_ != 0) {
        Frame frame;
        switch (look(frame)) {
            case Look::frame:
                taken_ = frame_head_size + frame.payload.size() + frame_tail_size;
                return frame;
            case Look::incomplete:
                return std::nullopt;
            case Look::garbage:
                ++first_;
                --size_;
                ++dropped_;
        }
    }
    return std::nullopt;
}

}  // namespace hsm::protocol
