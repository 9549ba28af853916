#pragma once

#include <cstdint>

namespace firmware::engine::psa {

// What Mbed TLS was asked for with psa_sign_hash and psa_verify_hash, and how many ticks
// (port/counter.h) it spent inside. In the port image alone, whose link puts the counting calls in
// their place (--wrap); whoever measures sets it to zeros before.
struct CountedCalls {
    std::uint32_t sign = 0;
    std::uint32_t sign_ticks = 0;
    std::uint32_t verify = 0;
    std::uint32_t verify_ticks = 0;
};

CountedCalls& counted_calls();

}  // namespace firmware::engine::psa
