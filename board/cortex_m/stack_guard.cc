#include "board/cortex_m/stack_guard.h"

#include "board/cortex_m/ports.h"
#include "firmware/hal/panic.h"

extern "C" {

std::uintptr_t __stack_chk_guard = 0x000a0dff;  // NOLINT: the compiler's name

[[noreturn]] void __stack_chk_fail() {  // NOLINT: the compiler's name
    firmware::hal::panic(firmware::hal::PanicCause::stack_smashed, 0);
}

}  // extern "C"

namespace board::cortex_m {

// Called by the reset handler, which never returns: no frame that holds the old value ends.
[[gnu::noinline]] void draw_stack_guard() {
    std::uintptr_t value = 0;
    hsm::MutableBytes bytes(reinterpret_cast<hsm::Byte*>(&value), sizeof(value));
    if (!board::noise_port().sample(bytes)) {
        firmware::hal::panic(firmware::hal::PanicCause::check, 1);
    }
    // The lowest byte ends a string, so a copied text cannot carry the value.
    __stack_chk_guard = value & ~std::uintptr_t{0xff};
}

}  // namespace board::cortex_m
