#include "firmware/hal/boot_slots.h"

#include "board/cmsdk/mapped_flash.h"
#include "board/cortex_m/ports.h"
#include "board/mps2_an386/memory_map.h"

namespace board {
namespace {

using cmsdk::MappedFlash;

constexpr std::uint32_t program_unit = 8;

}  // namespace
}  // namespace board

// The slots lie in PSRAM, which does as flash here; images run in SSRAM, above the loader.
firmware::hal::BootSlots& firmware::hal::boot_slots() {
    using namespace board;  // NOLINT: this board's map
    static MappedFlash first(first_slot_base, {slot_sector_size, slot_sector_count, program_unit});
    static MappedFlash second(second_slot_base,
                              {slot_sector_size, slot_sector_count, program_unit});
    static MappedFlash state(boot_state_base, {slot_sector_size, 2, program_unit});
    static BootSlots slots{{&first, &second},
                           state,
                           secret_flash_port(),
                           {run_memory_base, run_memory_base},
                           // NOLINTNEXTLINE: the address of SSRAM
                           {reinterpret_cast<hsm::Byte*>(run_memory_base), run_memory_size}};
    return slots;
}
