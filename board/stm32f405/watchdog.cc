#include "board/stm32f4/watchdog.h"

#include "board/cortex_m/ports.h"

firmware::hal::Watchdog& board::watchdog_port() {
    static stm32f4::IndependentWatchdog<stm32f4::Bus> watchdog;
    return watchdog;
}
