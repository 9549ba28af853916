#pragma once

#include <cstdint>

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::hal {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;

struct FlashGeometry {
    std::uint32_t sector_size = 0;  // bytes; what one erase takes
    std::uint32_t sector_count = 0;
    std::uint32_t program_unit = 0;  // bytes, 8 or 16; what one program takes, with its ECC

    friend bool operator==(const FlashGeometry&, const FlashGeometry&) = default;
};

// NOR flash as the log store sees it: a range of equal sectors, addressed in bytes from 0. An
// erased byte reads 0xff; between two erases each unit is programmed at most once. A driver may
// join several hardware pages into one sector.
//
// Power may fail in any call. What a board owes: units of one `program` are written in ascending
// order, so that at most one of them is torn; a torn unit may read as anything, as blank, or be
// unreadable; an interrupted erase may leave anything in its sector and nothing elsewhere. Without
// `sync` nothing else is promised about order: a file may lose any part of what came after it.
//
// Every function answers `storage_failed` when the device reports an error, and nothing may be
// assumed afterwards about what was being written. A chip without ECC that does not find out by
// itself whether cells took what was programmed (STM32F4) has to be read back by its driver: worn
// flash is noticed there or never.
class Flash {
public:
    virtual FlashGeometry geometry() const = 0;

    // Fills `into` from `offset`. `storage_corrupt` when a unit in that range cannot be read
    // (uncorrectable ECC error): the driver must survive it, also where the chip raises a fault.
    virtual Result<void> read(std::uint32_t offset, MutableBytes into) = 0;

    // `offset` and the size are multiples of the program unit, within one sector, erased.
    virtual Result<void> program(std::uint32_t offset, ByteView units) = 0;

    virtual Result<void> erase(std::uint32_t sector) = 0;

    // Returns when everything before is on the medium. A driver whose `program` and `erase` return
    // only then has nothing to do.
    virtual Result<void> sync() = 0;

protected:
    ~Flash() = default;
};

}  // namespace firmware::hal
