#include "board/cortex_m/ports.h"
#include "board/cortex_m/systick_clock.h"
#include "board/mps2_an505/memory_map.h"

firmware::hal::Clock& board::clock_port() {
    static cortex_m::SystickClock clock(core_hz);
    return clock;
}
