#include "board/cmsdk/mapped_flash.h"

namespace board::cmsdk {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

namespace {

constexpr std::uint32_t word_size = sizeof(std::uint32_t);

}  // namespace

Result<void> MappedFlash::read(std::uint32_t offset, MutableBytes into) {
    CHECK(offset <= geometry_.sector_size * geometry_.sector_count &&
          into.size() <= geometry_.sector_size * geometry_.sector_count - offset);
    for (auto& byte : into) {
        const auto word = *words_at(offset & ~(word_size - 1));
        byte = static_cast<hsm::Byte>(~(word >> (8 * (offset % word_size))));
        ++offset;
    }
    return {};
}

Result<void> MappedFlash::program(std::uint32_t offset, ByteView units) {
    const auto unit = geometry_.program_unit;
    CHECK(offset % unit == 0 && units.size() % unit == 0 &&
          units.size() <= geometry_.sector_size - offset % geometry_.sector_size);
    auto* const words = words_at(offset);
    const auto count = units.size() / word_size;
    for (std::size_t i = 0; i < count; ++i) {
        if (words[i] != 0) {
            return Status::storage_failed;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, units.data() + i * word_size, word_size);
        words[i] = ~word;
    }
    return {};
}

Result<void> MappedFlash::erase(std::uint32_t sector) {
    CHECK(sector < geometry_.sector_count);
    auto* const words = words_at(sector * geometry_.sector_size);
    for (std::uint32_t i = 0; i < geometry_.sector_size / word_size; ++i) {
        words[i] = 0;
    }
    return {};
}

}  // namespace board::cmsdk
