#pragma once

#include "hsm/base/bytes.h"

namespace firmware::channel {

// Bytes in order, in a fixed storage of its owner: written at the end, read at the start.
class ByteQueue {
public:
    explicit ByteQueue(hsm::MutableBytes storage) : storage_(storage) {}

    // Where the next bytes go, in one piece: all that is free at the end, and at least `wanted`
    // when that much is free at all.
    hsm::MutableBytes space(std::size_t wanted) {
        if (storage_.size() - first_ - size_ < wanted || size_ == 0) {
            std::memmove(storage_.data(), storage_.data() + first_, size_);
            first_ = 0;
        }
        return storage_.subspan(first_ + size_);
    }
    void grow(std::size_t count) {
        CHECK(count <= storage_.size() - first_ - size_);
        size_ += count;
    }

    hsm::ByteView view() const { return storage_.subspan(first_, size_); }
    void drop_first(std::size_t count) {
        CHECK(count <= size_);
        first_ += count;
        size_ -= count;
    }
    void drop_last(std::size_t count) {
        CHECK(count <= size_);
        size_ -= count;
    }

    void clear() { first_ = size_ = 0; }
    std::size_t size() const { return size_; }
    std::size_t free() const { return storage_.size() - size_; }
    bool empty() const { return size_ == 0; }

private:
    hsm::MutableBytes storage_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace firmware::channel
