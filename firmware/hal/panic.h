#pragma once

#include <cstdint>

namespace firmware::hal {

// What the module's last end was, for the host's log; kept over the reset, and never a secret.
enum class PanicCause : std::uint32_t {
    none = 0,
    check = 1,  // a broken invariant; detail: its line
    fault = 2,  // the processor's; detail: where it happened
    stack_smashed = 3,
    watchdog = 4,
    tamper = 5,
    out_of_memory = 6,
    start_failed = 7,  // detail: the status word
};

struct PanicRecord {
    PanicCause cause = PanicCause::none;
    std::uint32_t detail = 0;
};

// The one way out of a state that must not be: overwrites all RAM, so that no key outlives it, and
// resets the chip. Needs neither a stack that is whole nor interrupts.
[[noreturn]] void panic(PanicCause cause, std::uint32_t detail);

// Of the start before this one.
PanicRecord last_panic();

}  // namespace firmware::hal
