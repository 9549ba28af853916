#include "board/cortex_m/ports.h"
#include "board/cortex_m/systick_clock.h"
#include "board/netduinoplus2/memory_map.h"

// Not TIM2, as on the chip: QEMU's counts at another rate.
firmware::hal::Clock& board::clock_port() {
    static cortex_m::SystickClock clock(clocks.core_hz());
    return clock;
}
