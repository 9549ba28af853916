#pragma once

#include <atomic>

#include "hsm/base/bytes.h"

namespace board::cortex_m {

// Bytes from an interrupt to the main loop: one writer, one reader, no lock. The indices run on and
// are reduced when used, so capacity must be a power of two.
template <std::uint32_t capacity>
class ByteRing {
public:
    static_assert((capacity & (capacity - 1)) == 0);

    // The writer's; false when there is no room.
    bool put(hsm::Byte byte) {
        const auto end = end_.load(std::memory_order_relaxed);
        if (end - begin_.load(std::memory_order_acquire) == capacity) {
            return false;
        }
        storage_[end % capacity] = byte;
        end_.store(end + 1, std::memory_order_release);
        return true;
    }
    bool full() const {
        return end_.load(std::memory_order_relaxed) - begin_.load(std::memory_order_relaxed) ==
               capacity;
    }

    // The reader's.
    std::size_t take(hsm::MutableBytes into) {
        const auto begin = begin_.load(std::memory_order_relaxed);
        const auto size =
            std::min<std::size_t>(into.size(), end_.load(std::memory_order_acquire) - begin);
        for (std::size_t i = 0; i < size; ++i) {
            into[i] = storage_[(begin + i) % capacity];
        }
        begin_.store(begin + static_cast<std::uint32_t>(size), std::memory_order_release);
        return size;
    }
    bool empty() const {
        return end_.load(std::memory_order_acquire) == begin_.load(std::memory_order_relaxed);
    }

private:
    std::array<hsm::Byte, capacity> storage_{};
    std::atomic<std::uint32_t> begin_{0};
    std::atomic<std::uint32_t> end_{0};
};

}  // namespace board::cortex_m
