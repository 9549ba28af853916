#pragma once

#include "firmware/hal/flash.h"

namespace board::cmsdk {

// Memory that outlives the power (in QEMU a file of the host, mapped), treated as the NOR flash of
// a microcontroller: erased by the sector, programmed by the unit, each unit once. Bytes lie there
// inverted, so a file that was never written reads as erased.
class MappedFlash final : public firmware::hal::Flash {
public:
    constexpr MappedFlash(std::uintptr_t base, const firmware::hal::FlashGeometry& geometry)
        : base_(base), geometry_(geometry) {}

    firmware::hal::FlashGeometry geometry() const override { return geometry_; }
    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override;
    // `storage_failed` for a unit that is not erased, as a controller with ECC answers.
    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView units) override;
    hsm::Result<void> erase(std::uint32_t sector) override;
    // A store that was executed is in the file's pages already.
    hsm::Result<void> sync() override { return {}; }

private:
    volatile std::uint32_t* words_at(std::uint32_t offset) const {
        return reinterpret_cast<volatile std::uint32_t*>(base_ + offset);  // NOLINT: mapped memory
    }

    std::uintptr_t base_;
    firmware::hal::FlashGeometry geometry_;
};

}  // namespace board::cmsdk
