#pragma once

#include "board/cortex_m/vectors.h"

// The first sixteen vectors, the same on every Cortex-M (Armv7-M ARM B1.5.2).
extern "C" {
extern std::uint8_t stack_top[];
[[noreturn]] void reset_handler();
void fault_handler();
[[noreturn]] void watchdog_handler();
void systick_handler();
}

namespace board::cortex_m {

struct CoreVectors {
    const void* initial_stack = stack_top;
    Handler reset = reset_handler;
    Handler nmi = watchdog_handler;  // the watchdog's first warning, where it is wired so
    Handler hard_fault = fault_handler;
    Handler memory_fault = fault_handler;
    Handler bus_fault = fault_handler;
    Handler usage_fault = fault_handler;
    Handler secure_fault = fault_handler;  // Armv8-M
    Handler reserved[3] = {unexpected_interrupt, unexpected_interrupt, unexpected_interrupt};
    Handler supervisor_call = unexpected_interrupt;
    Handler debug_monitor = unexpected_interrupt;
    Handler reserved_too = unexpected_interrupt;
    Handler pend_supervisor = unexpected_interrupt;
    Handler systick = systick_handler;
};
static_assert(sizeof(CoreVectors) == 16 * sizeof(void*));

template <unsigned count>
struct Vectors {
    CoreVectors core;
    Handler interrupts[count];
};

}  // namespace board::cortex_m
