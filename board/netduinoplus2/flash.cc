#include "board/cmsdk/mapped_flash.h"
#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"

namespace board {
namespace {

// Fifteen sectors of 4 KB; the sixteenth has the switches.
constexpr firmware::hal::FlashGeometry geometry{4096, nvm_size / 4096 - 1, 8};

}  // namespace

firmware::hal::Flash& flash_port() {
    static cmsdk::MappedFlash flash(nvm_base, geometry);
    return flash;
}

}  // namespace board
