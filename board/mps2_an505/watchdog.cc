#include "board/cmsdk/watchdog.h"

#include "board/cortex_m/ports.h"
#include "board/mps2_an505/memory_map.h"

firmware::hal::Watchdog& board::watchdog_port() {
    static cmsdk::ApbWatchdog watchdog(watchdog_base, core_hz);
    return watchdog;
}
