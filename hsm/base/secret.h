#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/zeroize.h"

namespace hsm::base {

// At most `capacity` secret bytes: moved, never copied; wiped when moved from, cleared or
// destroyed; no operator prints it.
template <std::size_t capacity>
class Secret {
public:
    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept { take(other); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    ~Secret() { clear(); }

    static constexpr std::size_t size_max = capacity;

    [[nodiscard]] bool assign(ByteView bytes) {
        clear();
        if (bytes.size() > capacity) {
            return false;
        }
        std::ranges::copy(bytes, storage_.begin());
        size_ = bytes.size();
        return true;
    }

    // The whole storage, for a library that writes into it; call resize() with what it wrote.
    MutableBytes storage() { return storage_; }
    void resize(std::size_t size) {
        CHECK(size <= capacity);
        size_ = size;
    }

    void clear() {
        zeroize(storage_);
        size_ = 0;
    }

    std::size_t size() const { return size_; }
    ByteView reveal() const { return {storage_.data(), size_}; }

private:
    void take(Secret& other) {
        storage_ = other.storage_;
        size_ = other.size_;
        other.clear();
    }

    std::array<Byte, capacity> storage_{};
    std::size_t size_ = 0;
};

}  // namespace hsm::base

namespace hsm {
using base::Secret;
}
