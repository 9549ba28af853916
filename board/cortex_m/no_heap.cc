#include <cstddef>

#include "firmware/hal/panic.h"

// What the compiler's own runtime asks for and an image without a heap never uses.

using firmware::hal::PanicCause;

// A virtual destructor refers to it, though nothing is ever deleted.
void operator delete(void* /*object*/) noexcept {
    firmware::hal::panic(PanicCause::out_of_memory, 0);
}
void operator delete(void* /*object*/, std::size_t /*size*/) noexcept {
    firmware::hal::panic(PanicCause::out_of_memory, 0);
}

extern "C" {

[[noreturn]] void __cxa_pure_virtual() {  // NOLINT: the compiler's name
    firmware::hal::panic(PanicCause::check, 2);
}

// Static objects of an image are never destroyed.
int atexit(void (* /*destroy*/)()) {
    return 0;
}

// Mbed TLS's, when it finds its arena damaged.
[[noreturn]] void exit(int /*status*/) {
    firmware::hal::panic(PanicCause::out_of_memory, 1);
}

[[noreturn]] void abort() {
    firmware::hal::panic(PanicCause::check, 3);
}

}  // extern "C"

namespace std {

// What std::optional, std::variant and std::span call on misuse without exceptions.
[[noreturn]] void __throw_bad_variant_access(const char* /*what*/) {  // NOLINT: the library's name
    firmware::hal::panic(PanicCause::check, 4);
}

}  // namespace std
