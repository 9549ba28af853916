#pragma once

#include "firmware/storage/record.h"

namespace firmware::storage {

// A RAM buffer before the flash: records that follow each other leave in one `program`. Reads see
// what is still in the buffer.
class FlashWriter final {
public:
    FlashWriter(hal::Flash& flash, MutableBytes buffer) : flash_(flash), buffer_(buffer) {}

    FlashWriter(const FlashWriter&) = delete;
    FlashWriter& operator=(const FlashWriter&) = delete;

    hal::FlashGeometry geometry() const { return flash_.geometry(); }
    std::size_t capacity() const { return buffer_.size(); }

    Result<void> read(std::uint32_t offset, MutableBytes into);

    // The `size` bytes to be programmed at `offset`, both whole units; `size` ≤ capacity. Valid
    // until the next call; the caller fills them at once.
    Result<MutableBytes> claim(std::uint32_t offset, std::uint32_t size);

    Result<void> flush();

    // Flushes, and returns when all is durable.
    Result<void> sync();

    // Nothing may be waiting in the buffer.
    Result<void> erase(std::uint32_t sector);

    // The buffer as working memory while nothing waits in it, until the next claim.
    MutableBytes scratch();

private:
    hal::Flash& flash_;
    MutableBytes buffer_;
    std::uint32_t start_ = 0;
    std::uint32_t used_ = 0;
};

}  // namespace firmware::storage
