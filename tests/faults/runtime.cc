#include "tests/faults/runtime.h"

#include <cstddef>

// What stands in for the board under a fault target: any panic is a trap, which the campaign counts
// as a crash.

void operator delete(void* /*object*/) noexcept {
    __builtin_trap();
}
void operator delete(void* /*object*/, std::size_t /*size*/) noexcept {
    __builtin_trap();
}

extern "C" {

using Constructor = void (*)();
extern const Constructor init_array_start[];
extern const Constructor init_array_end[];

[[noreturn]] void __cxa_pure_virtual() {  // NOLINT: the compiler's name
    __builtin_trap();
}
int atexit(void (* /*destroy*/)()) {
    return 0;
}
[[noreturn]] void exit(int /*status*/) {
    __builtin_trap();
}
[[noreturn]] void abort() {
    __builtin_trap();
}

std::uintptr_t __stack_chk_guard = 0x5ac3693c;  // NOLINT: the compiler's name
[[noreturn]] void __stack_chk_fail() {          // NOLINT: the compiler's name
    __builtin_trap();
}

[[gnu::noinline]] void unauthorised() {
    asm volatile("");
}
[[gnu::noinline]] void as_approved() {
    asm volatile("nop");
}

}  // extern "C"

namespace std {

[[noreturn]] void __throw_bad_variant_access(const char* /*what*/) {  // NOLINT: the library's name
    __builtin_trap();
}

}  // namespace std

namespace tests::faults {

void run_constructors() {
    for (const auto* constructor = init_array_start; constructor != init_array_end; ++constructor) {
        (*constructor)();
    }
}

}  // namespace tests::faults
