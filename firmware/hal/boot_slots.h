#pragma once

#include <array>

#include "firmware/hal/flash.h"

namespace firmware::hal {

// Where a board with a loader keeps images, and where they run. Loader and firmware see the same.
struct BootSlots {
    std::array<Flash*, 2> slots;
    Flash& state;   // two sectors
    Flash& secret;  // the flash secret's
    // Where the image of each slot runs: behind the head in that slot's own flash, which is mapped;
    // or, where flash is no memory to run from, the start of `run_memory`, for both.
    std::array<std::uint32_t, 2> run_address;
    MutableBytes run_memory;  // empty when images run in place
};

// Starts what it needs at the first call; the definition of a board that has slots.
BootSlots& boot_slots();

// The slots of an image that is linked to be started from them, null in every other.
BootSlots* own_slots();

// Ends the loader: nothing of it is left but what RAM it has used. The image at `address` begins
// with its vector table.
[[noreturn]] void start_image(std::uint32_t address);

// Nothing can start. Sleeps until the power goes.
[[noreturn]] void halt();

}  // namespace firmware::hal
