#pragma once

#include "firmware/boot/boot_record.h"
#include "firmware/hal/flash.h"

namespace firmware::boot {

// The boot record in two sectors of flash. A record is written into the sector that does not hold
// the newest one, which is erased first: never is a unit programmed whose last erase or program
// may have been cut off, and the newest record stays whole until its successor is.
//
// Loader and firmware both use it, one after the other; nothing is kept in RAM between calls.
class BootState {
public:
    // `flash` is the record's alone; its first two sectors are used.
    explicit BootState(hal::Flash& flash) : flash_(flash) {
        CHECK(flash.geometry().sector_count >= sector_count &&
              boot_record_size % flash.geometry().program_unit == 0 &&
              boot_record_size <= flash.geometry().sector_size);
    }
    BootState(const BootState&) = delete;
    BootState& operator=(const BootState&) = delete;

    // `no_such_record` when neither sector holds one: a device that has never started, or whose
    // record somebody has destroyed.
    Result<BootRecord> load() const;

    // Durable, and read back, when it returns; the sequence number is set here. A security floor
    // below the newest record's is a bug of the caller.
    Result<void> store(BootRecord record);

private:
    static constexpr std::uint32_t sector_count = 2;

    struct Found {
        BootRecord record;
        std::uint32_t sector = 0;
    };
    Result<std::optional<BootRecord>> read(std::uint32_t sector) const;
    Result<std::optional<Found>> newest() const;

    hal::Flash& flash_;
};

}  // namespace firmware::boot
