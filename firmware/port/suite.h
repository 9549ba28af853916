#pragma once

#include <string_view>

#include "firmware/hal/board.h"

namespace firmware::port {

// One thing that PORTING.md asks of a board. It may take what lies in the last two sectors of the
// store's flash and in the flash secret's: the suite is for boards that hold nothing yet.
struct Check {
    std::string_view name;
    // What is wrong; empty when nothing is.
    std::string_view (*run)(hal::Board& board);
};

// In the order in which they build on each other. What only the other end of the line can see (a
// ring that overflows, a clock that is too fast, a watchdog that does not bite, switches that
// somebody moves) are messages of their own, service.h.
std::span<const Check> checks();

}  // namespace firmware::port
