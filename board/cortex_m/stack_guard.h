#pragma once

namespace board::cortex_m {

// Gives the compiler's stack protector a value that the linker did not know.
void draw_stack_guard();

}  // namespace board::cortex_m
