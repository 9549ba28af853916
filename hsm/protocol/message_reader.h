#pragma once

#include <optional>

#include "hsm/base/byte_reader.h"
#include "hsm/protocol/types.h"

namespace hsm::protocol {

constexpr std::size_t message_prefix_size = 2;  // its length, big-endian

constexpr std::size_t message_buffer_size = message_prefix_size + message_size_max;

// Cuts messages out of a stream of bytes (PROTOCOL.md "Messages"). It asks for as many bytes as
// the present message still needs and never for one of the next, so it needs one buffer only, of
// message_buffer_size bytes.
class MessageCutter {
public:
    explicit MessageCutter(MutableBytes buffer) : buffer_(buffer) {
        CHECK(buffer.size() == message_buffer_size);
    }
    MessageCutter(const MessageCutter&) = delete;
    MessageCutter& operator=(const MessageCutter&) = delete;

    // Where the next bytes go; at least one, unless a message is complete.
    MutableBytes wanted() { return buffer_.subspan(filled_, needed_ - filled_); }

    // `size` bytes have been written there. `message_too_large` or `malformed` (length 0): the
    // stream has no next message then, close it.
    Result<void> received(std::size_t size) {
        CHECK(size <= needed_ - filled_);
        filled_ += size;
        if (filled_ != message_prefix_size || needed_ != message_prefix_size) {
            return {};
        }
        ByteReader prefix(buffer_.first(message_prefix_size));
        TRY_ASSIGN(auto length, prefix.u16());
        if (length == 0) {
            return Status::malformed;
        }
        if (length > message_size_max) {
            return Status::message_too_large;
        }
        needed_ = message_prefix_size + length;
        return {};
    }

    // The message without its prefix, once it is complete, until next().
    std::optional<ByteView> message() const {
        if (needed_ == message_prefix_size || filled_ < needed_) {
            return std::nullopt;
        }
        return buffer_.first(needed_).subspan(message_prefix_size);
    }

    void next() {
        filled_ = 0;
        needed_ = message_prefix_size;
    }

    // Some bytes of a message are here, but not all.
    bool in_message() const { return filled_ != 0 && filled_ < needed_; }

private:
    MutableBytes buffer_;
    std::size_t filled_ = 0;
    std::size_t needed_ = message_prefix_size;
};

// The same with a buffer of its own.
class MessageReader final : public MessageCutter {
public:
    MessageReader() : MessageCutter(own_) {}

private:
    std::array<Byte, message_buffer_size> own_{};
};

}  // namespace hsm::protocol
