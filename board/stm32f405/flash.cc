#include "board/stm32f4/flash.h"

#include "board/cortex_m/ports.h"
#include "board/stm32f405/memory_map.h"
#include "board/stm32f405/ram_code.h"

namespace board {

firmware::hal::Flash& flash_port() {
    (void)clock_port();
    static stm32f4::BankFlash<FlashBus> flash(store_sectors);
    return flash;
}

firmware::hal::Flash& secret_flash_port() {
    (void)clock_port();
    static stm32f4::BankFlash<FlashBus> flash(secret_sector);
    return flash;
}

}  // namespace board
