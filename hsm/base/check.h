#pragma once

namespace hsm::base {

// What a broken invariant does. Each image supplies one definition: the module zeroizes and stops,
// the server and the tools abort (hsm/base/check_abort.cc).
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace hsm::base

// For bugs only, never for what the world may send; holds in release builds too. On a board the
// instruction that faults costs two bytes where texts would cost 8 KB, and the fault's panic keeps
// its address.
#ifdef __linux__
#define CHECK(condition)                                               \
    do {                                                               \
        if (!(condition)) [[unlikely]] {                               \
            ::hsm::base::check_failed(#condition, __FILE__, __LINE__); \
        }                                                              \
    } while (0)
#else
#define CHECK(condition)                 \
    do {                                 \
        if (!(condition)) [[unlikely]] { \
            __builtin_trap();            \
        }                                \
    } while (0)
#endif
