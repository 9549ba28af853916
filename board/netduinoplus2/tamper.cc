#include "board/cmsdk/mapped_switch.h"
#include "board/cortex_m/ports.h"
#include "board/netduinoplus2/memory_map.h"

firmware::hal::Tamper& board::tamper_port() {
    static cmsdk::MappedTamper opened(tamper_switch);
    return opened;
}
