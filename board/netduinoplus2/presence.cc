#include "board/cmsdk/mapped_switch.h"
#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"

firmware::hal::Presence& board::presence_port() {
    static cmsdk::MappedPresence button(presence_button);
    return button;
}
