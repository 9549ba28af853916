#pragma once

#include "firmware/hal/flash.h"

namespace firmware::hal {

// Some sectors of a flash as a flash of their own. `sync` is that of the whole device.
class FlashRegion final : public Flash {
public:
    FlashRegion(Flash& device, std::uint32_t first_sector, std::uint32_t sector_count)
        : device_(device), first_sector_(first_sector), sector_count_(sector_count) {
        const auto available = device.geometry().sector_count;
        CHECK(first_sector <= available && sector_count <= available - first_sector);
    }

    FlashGeometry geometry() const override {
        auto geometry = device_.geometry();
        geometry.sector_count = sector_count_;
        return geometry;
    }
    Result<void> read(std::uint32_t offset, MutableBytes into) override {
        return contains(offset, into.size()) ? device_.read(start() + offset, into)
                                             : hsm::Status::storage_failed;
    }
    Result<void> program(std::uint32_t offset, ByteView units) override {
        return contains(offset, units.size()) ? device_.program(start() + offset, units)
                                              : hsm::Status::storage_failed;
    }
    Result<void> erase(std::uint32_t sector) override {
        return sector < sector_count_ ? device_.erase(first_sector_ + sector)
                                      : hsm::Status::storage_failed;
    }
    Result<void> sync() override { return device_.sync(); }

private:
    std::uint32_t start() const { return first_sector_ * device_.geometry().sector_size; }
    bool contains(std::uint32_t offset, std::size_t size) const {
        const auto end = sector_count_ * device_.geometry().sector_size;
        return offset <= end && size <= end - offset;
    }

    Flash& device_;
    std::uint32_t first_sector_;
    std::uint32_t sector_count_;
};

}  // namespace firmware::hal
