#pragma once

#include "hsm/base/bytes.h"

namespace hsm::base {

// Writes fixed-size big-endian fields into a caller's buffer. After a write that does not fit,
// `ok()` is false for good and nothing more is written: check once, at the end.
class ByteWriter {
public:
    explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

    void bytes(ByteView bytes) {
        if (!ok_ || bytes.size() > buffer_.size() - size_) {
            ok_ = false;
            return;
        }
        std::ranges::copy(bytes, buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += bytes.size();
    }
    void u8(std::uint8_t value) { number(value); }
    void u16(std::uint16_t value) { number(value); }
    void u32(std::uint32_t value) { number(value); }
    void u64(std::uint64_t value) { number(value); }

    bool ok() const { return ok_; }
    std::size_t size() const { return size_; }
    ByteView written() const { return buffer_.first(size_); }

private:
    template <class T>
    void number(T value) {
        std::array<Byte, sizeof(T)> encoded{};
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            encoded[sizeof(T) - 1 - i] = static_cast<Byte>(value >> (8 * i));
        }
        bytes(encoded);
    }

    MutableBytes buffer_;
    std::size_t size_ = 0;
    bool ok_ = true;
};

}  // namespace hsm::base

namespace hsm {
using base::ByteWriter;
}
