#pragma once

#include "firmware/hal/flash.h"

namespace tests::faults {

// Not std::copy: its instances are the firmware's own as well and would be attacked here, where a
// skip swaps source and target and writes into what is flash on a board.
[[gnu::noinline]] inline void copy_flash(hsm::ByteView from, hsm::Byte* to) {
    for (const auto byte : from) {
        *to++ = byte;
    }
}

// Flash that is RAM: no scenario is about the flash itself.
template <std::uint32_t sector_size, std::uint32_t sectors>
class RamFlash final : public firmware::hal::Flash {
public:
    RamFlash() { bytes.fill(0xff); }

    firmware::hal::FlashGeometry geometry() const override { return {sector_size, sectors, 16}; }
    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override {
        copy_flash(hsm::ByteView(bytes).subspan(offset, into.size()), into.data());
        return {};
    }
    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView units) override {
        copy_flash(units, bytes.data() + offset);
        return {};
    }
    hsm::Result<void> erase(std::uint32_t sector) override {
        std::fill_n(bytes.begin() + sector * sector_size, sector_size, hsm::Byte{0xff});
        return {};
    }
    hsm::Result<void> sync() override { return {}; }

    std::array<hsm::Byte, std::size_t{sector_size} * sectors> bytes;
};

}  // namespace tests::faults
