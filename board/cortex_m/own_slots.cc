#include "firmware/hal/boot_slots.h"

firmware::hal::BootSlots* firmware::hal::own_slots() {
    return &boot_slots();
}
