#pragma once

namespace hsm::base {

// What a broken invariant does. Each image supplies one definition: the module zeroizes and stops,
// the server and the tools abort (hsm/base/check_abort.cc).
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace hsm::base

// For bugs only, never for what the world may send; holds in release builds too.
#define CHECK(condition)                                               \
    do {                                                               \
        if (!(condition)) [[unlikely]] {                               \
            ::hsm::base::check_failed(#condition, __FILE__, __LINE__); \
        }                                                              \
    } while (0)
