#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace hsm::base {

// Reads fixed-size big-endian fields off a byte view; the one place where offsets are counted.
// Every read answers `malformed` when the view is too short and then reads nothing.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    Result<ByteView> take(std::size_t count) {
        if (count > rest_.size()) {
            return Status::malformed;
        }
        auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    Result<std::uint8_t> u8() {
        TRY_ASSIGN(auto bytes, take(1));
        return bytes[0];
    }
    Result<std::uint16_t> u16() { return unsigned_number<std::uint16_t>(); }
    Result<std::uint32_t> u32() { return unsigned_number<std::uint32_t>(); }
    Result<std::uint64_t> u64() { return unsigned_number<std::uint64_t>(); }

    std::size_t remaining() const { return rest_.size(); }
    bool at_end() const { return rest_.empty(); }
    ByteView rest() const { return rest_; }

private:
    template <class T>
    Result<T> unsigned_number() {
        TRY_ASSIGN(auto bytes, take(sizeof(T)));
        T value = 0;
        for (auto byte : bytes) {
            value = static_cast<T>(value << 8 | byte);
        }
        return value;
    }

    ByteView rest_;
};

}  // namespace hsm::base

namespace hsm {
using base::ByteReader;
}
