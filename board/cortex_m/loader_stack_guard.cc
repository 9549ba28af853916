#include "board/cortex_m/stack_guard.h"
#include "firmware/hal/panic.h"

extern "C" {

std::uintptr_t __stack_chk_guard = 0x000a0dff;  // NOLINT: the compiler's name

[[noreturn]] void __stack_chk_fail() {  // NOLINT: the compiler's name
    firmware::hal::panic(firmware::hal::PanicCause::stack_smashed, 0);
}

}  // extern "C"

namespace board::cortex_m {

// No driver of a noise source here: the loader takes its input in fixed sizes from flash.
void draw_stack_guard() {}

}  // namespace board::cortex_m
