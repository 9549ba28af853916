#include "firmware/boot/boot_state.h"

namespace firmware::boot {

Result<std::optional<BootRecord>> BootState::read(std::uint32_t sector) const {
    BootRecordBytes bytes{};
    const auto outcome = flash_.read(sector * flash_.geometry().sector_size, bytes);
    if (outcome) {
        return decode_boot_record(bytes);
    }
    // A unit that a power cut has torn may be unreadable.
    if (outcome.error() == Status::storage_corrupt) {
        return std::optional<BootRecord>();
    }
    return outcome.error();
}

Result<std::optional<BootState::Found>> BootState::newest() const {
    std::optional<Found> found;
    for (std::uint32_t sector = 0; sector < sector_count; ++sector) {
        TRY_ASSIGN(const auto record, read(sector));
        if (record && (!found || record->sequence > found->record.sequence)) {
            found = Found{*record, sector};
        }
    }
    return found;
}

Result<BootRecord> BootState::load() const {
    TRY_ASSIGN(const auto found, newest());
    if (!found) {
        return Status::no_such_record;
    }
    return found->record;
}

Result<void> BootState::store(BootRecord record) {
    TRY_ASSIGN(const auto found, newest());
    std::uint32_t sector = 0;
    record.sequence = 1;
    if (found) {
        CHECK(record.security_floor >= found->record.security_floor);
        if (found->record.sequence == UINT32_MAX) {
            return Status::storage_full;
        }
        record.sequence = found->record.sequence + 1;
        sector = found->sector ^ 1u;
    }
    const auto bytes = encode(record);
    TRY(flash_.erase(sector));
    // A file may lose any part of what no sync has covered: the erased bytes first.
    TRY(flash_.sync());
    TRY(flash_.program(sector * flash_.geometry().sector_size, bytes));
    TRY(flash_.sync());
    TRY_ASSIGN(const auto written, read(sector));
    if (!written || *written != record) {
        return Status::storage_failed;
    }
    return {};
}

}  // namespace firmware::boot
