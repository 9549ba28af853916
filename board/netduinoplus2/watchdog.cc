#include "board/stm32f4/watchdog.h"

#include "board/cortex_m/ports.h"

// QEMU takes its registers and does nothing: nothing resets a module that hangs.
firmware::hal::Watchdog& board::watchdog_port() {
    static stm32f4::IndependentWatchdog<stm32f4::Bus> watchdog;
    return watchdog;
}
