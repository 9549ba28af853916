#include "firmware/storage/flash_writer.h"

namespace firmware::storage {

Result<void> FlashWriter::read(std::uint32_t offset, MutableBytes into) {
    const auto end = offset + into.size();
    const auto overlap_start = std::max(offset, start_);
    const auto overlap_end = std::min<std::size_t>(end, start_ + used_);
    if (used_ == 0 || overlap_start >= overlap_end) {
        return flash_.read(offset, into);
    }
    if (overlap_start > offset) {
        TRY(flash_.read(offset, into.first(overlap_start - offset)));
    }
    std::ranges::copy(buffer_.subspan(overlap_start - start_, overlap_end - overlap_start),
                      into.subspan(overlap_start - offset).begin());
    if (overlap_end < end) {
        TRY(flash_.read(static_cast<std::uint32_t>(overlap_end), into.last(end - overlap_end)));
    }
    return {};
}

Result<MutableBytes> FlashWriter::claim(std::uint32_t offset, std::uint32_t size) {
    CHECK(size <= buffer_.size());
    if (used_ != 0 && (offset != start_ + used_ || size > buffer_.size() - used_)) {
        TRY(flush());
    }
    if (used_ == 0) {
        start_ = offset;
    }
    auto claimed = buffer_.subspan(used_, size);
    used_ += size;
    return claimed;
}

Result<void> FlashWriter::flush() {
    if (used_ == 0) {
        return {};
    }
    const auto size = std::exchange(used_, 0);
    return flash_.program(start_, buffer_.first(size));
}

Result<void> FlashWriter::sync() {
    TRY(flush());
    return flash_.sync();
}

Result<void> FlashWriter::erase(std::uint32_t sector) {
    CHECK(used_ == 0);
    return flash_.erase(sector);
}

MutableBytes FlashWriter::scratch() {
    CHECK(used_ == 0);
    return buffer_;
}

}  // namespace firmware::storage
