#include "board/cmsdk/mapped_flash.h"
#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"

namespace board {
namespace {

// Eight sectors of 4 KB for the store, then the flash secret's; the tenth has the switches.
constexpr firmware::hal::FlashGeometry geometry{4096, nvm_size / 4096 - 2, 8};
constexpr std::uintptr_t secret_base = nvm_base + geometry.sector_count * geometry.sector_size;

}  // namespace

firmware::hal::Flash& flash_port() {
    static cmsdk::MappedFlash flash(nvm_base, geometry);
    return flash;
}

firmware::hal::Flash& secret_flash_port() {
    static cmsdk::MappedFlash flash(secret_base, {geometry.sector_size, 1, geometry.program_unit});
    return flash;
}

}  // namespace board
