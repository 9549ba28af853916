#include "board/cmsdk/mapped_flash.h"
#include "board/cortex_m/ports.h"
#include "board/mps2_an505/memory_map.h"

namespace board {
namespace {

// Units as of a microcontroller with flash of this kind.
constexpr std::uint32_t program_unit = 16;

}  // namespace

firmware::hal::Flash& flash_port() {
    static cmsdk::MappedFlash flash(store_base,
                                    {store_sector_size, store_sector_count, program_unit});
    return flash;
}

firmware::hal::Flash& secret_flash_port() {
    static cmsdk::MappedFlash flash(secret_base, {secret_size, 1, program_unit});
    return flash;
}

}  // namespace board
