#pragma once

namespace board {

// The NMI: the crystal has stopped (RM0090 §7.2.7, clock security system).
[[noreturn]] void crystal_stopped();

}  // namespace board
