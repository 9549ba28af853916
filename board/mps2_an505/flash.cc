#include "board/cmsdk/mapped_flash.h"
#include "board/cortex_m/ports.h"
#include "board/mps2_an505/memory_map.h"

// Sectors and units as on microcontrollers with flash of this kind: 64 of 8 KB, 16 bytes a unit.
firmware::hal::Flash& board::flash_port() {
    static cmsdk::MappedFlash flash(nvm_base, {8192, 64, 16});
    return flash;
}
