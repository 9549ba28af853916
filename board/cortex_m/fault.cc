#include <cstdint>

#include "board/cortex_m/vectors.h"
#include "firmware/hal/panic.h"

using firmware::hal::PanicCause;

extern "C" {

// The core has pushed r0-r3, r12, lr, pc, psr where `frame` points, unless the stack itself was the
// fault: then the address read is meaningless, but RAM is wiped all the same.
[[noreturn, gnu::used]] void fault_at(const std::uint32_t* frame) {
    firmware::hal::panic(PanicCause::fault, frame[6]);
}

// What lies below the stack faults while the frame is pushed; MSP then points there, and
// reading it would be a second fault. So the frame is read only when it lies above.
[[gnu::naked, gnu::used]] void fault_handler() {
    __asm__ volatile(
        "mrs r0, msp\n"
        "ldr r1, =stack_guard_end\n"
        "cmp r0, r1\n"
        "bhs 1f\n"
        "ldr r0, =image_start\n"
        "1: ldr r1, =stack_top\n"
        "msr msp, r1\n"
        "b fault_at\n"
        ".pool\n");
}

[[noreturn, gnu::used]] void watchdog_handler() {
    firmware::hal::panic(PanicCause::watchdog, 0);
}

}  // extern "C"

namespace board::cortex_m {

void unexpected_interrupt() {
    firmware::hal::panic(PanicCause::fault, 0xffffffff);
}

}  // namespace board::cortex_m
