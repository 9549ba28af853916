#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "hsm/base/check.h"

namespace hsm::base {

// std::uint8_t, not std::byte: every C library on both ends speaks unsigned char.
using Byte = std::uint8_t;
using ByteView = std::span<const Byte>;
using MutableBytes = std::span<Byte>;

constexpr std::size_t digest_size = 32;
using Digest = std::array<Byte, digest_size>;  // SHA-256

inline ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}

inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool equal(ByteView a, ByteView b) {
    return std::ranges::equal(a, b);
}

// Time depends on the lengths only.
inline bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) {
        return false;
    }
    volatile Byte difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<Byte>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

// A byte string of at most `capacity` bytes, stored in place: what a std::vector would be if the
// module had a heap.
template <std::size_t capacity>
class BoundedBytes {
public:
    constexpr BoundedBytes() = default;

    static constexpr std::size_t size_max = capacity;

    // False, with nothing changed, when `bytes` does not fit.
    [[nodiscard]] bool assign(ByteView bytes) {
        if (bytes.size() > capacity) {
            return false;
        }
        size_ = 0;
        return append(bytes);
    }

    [[nodiscard]] bool append(ByteView bytes) {
        if (bytes.size() > capacity - size_) {
            return false;
        }
        std::ranges::copy(bytes, storage_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += bytes.size();
        return true;
    }

    // For libraries that write into a buffer and say afterwards how much.
    MutableBytes spare() { return MutableBytes(storage_).subspan(size_); }
    void grow(std::size_t count) {
        CHECK(count <= capacity - size_);
        size_ += count;
    }

    void clear() { size_ = 0; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const Byte* data() const { return storage_.data(); }
    const Byte* begin() const { return storage_.data(); }
    const Byte* end() const { return storage_.data() + size_; }
    ByteView view() const { return {storage_.data(), size_}; }
    MutableBytes bytes() { return {storage_.data(), size_}; }
    operator ByteView() const { return view(); }  // NOLINT(google-explicit-constructor)

    friend bool operator==(const BoundedBytes& a, const BoundedBytes& b) {
        return equal(a.view(), b.view());
    }

private:
    std::array<Byte, capacity> storage_{};
    std::size_t size_ = 0;
};

}  // namespace hsm::base

namespace hsm {
using base::BoundedBytes;
using base::Byte;
using base::ByteView;
using base::Digest;
using base::digest_size;
using base::equal;
using base::equal_constant_time;
using base::MutableBytes;
using base::text_of;
using base::view_of;
}  // namespace hsm
