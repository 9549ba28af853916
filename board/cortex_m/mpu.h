#pragma once

#include <cstdint>
#include <span>

namespace board::cortex_m {

enum class Access : std::uint8_t { none, read_execute, read_write, device };

// `start` and `size` as both architectures can say them: a multiple of 32 and, on Armv7-M, an
// eighth of a power of two times one to eight, aligned to that power.
struct Region {
    std::uintptr_t start;
    std::uint32_t size;
    Access access;
};

// Turns on what the board's regions() lists, and nothing else: flash can be read and executed, RAM
// and devices never executed, the guard below the stack not touched.
void protect_memory();

// Of the board, at most eight; later ones win where they overlap. The image's flash, RAM and guard
// are not among them: memory_regions() has them.
std::span<const Region> device_regions();

}  // namespace board::cortex_m
