#include "firmware/hal/boot_slots.h"

// An image that the core itself starts: nothing vouches for it, and nothing can replace it.
firmware::hal::BootSlots* firmware::hal::own_slots() {
    return nullptr;
}
