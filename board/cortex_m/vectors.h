#pragma once

#include <cstdint>

// The interrupts of a board, beside those of the core. Each board defines its table (vectors.cc)
// in the order of its interrupt numbers.
namespace board::cortex_m {

using Handler = void (*)();

// An interrupt that nobody enabled: a fault like any other.
void unexpected_interrupt();

}  // namespace board::cortex_m
