#include "board/host/vault/shared_flash.h"

#include "board/host/file_flash.h"
#include "board/host/vault/file_lock.h"

namespace board::host::vault {

using firmware::hal::FlashGeometry;

namespace {

constexpr FlashGeometry one_sector = {.sector_size = 4096, .sector_count = 1, .program_unit = 16};

}  // namespace

FlashGeometry SharedFlash::geometry() const {
    return one_sector;
}

template <class Operation>
Result<void> SharedFlash::run(const Operation& operation) const {
    TRY_ASSIGN(const auto lock, FileLock::acquire(path_ + ".lock"));
    TRY_ASSIGN(const auto flash, FileFlash::open(path_, one_sector));
    return operation(*flash);
}

Result<void> SharedFlash::read(std::uint32_t offset, MutableBytes into) {
    return run([&](FileFlash& flash) { return flash.read(offset, into); });
}

Result<void> SharedFlash::program(std::uint32_t offset, ByteView units) {
    return run([&](FileFlash& flash) -> Result<void> {
        TRY(flash.program(offset, units));
        return flash.sync();
    });
}

Result<void> SharedFlash::erase(std::uint32_t sector) {
    return run([&](FileFlash& flash) -> Result<void> {
        TRY(flash.erase(sector));
        return flash.sync();
    });
}

}  // namespace board::host::vault
