#pragma once

#include <cstdint>

namespace firmware::port {

// Ticks since the first call, from a counter of the board that nothing else uses; starts again from
// 0 after 2^32. In QEMU with -icount shift=0 an instruction takes a nanosecond, so that a tick is
// 10^9 / ticks_hz() instructions. One definition a board, counter.cc.
std::uint32_t ticks();
std::uint32_t ticks_hz();

}  // namespace firmware::port
