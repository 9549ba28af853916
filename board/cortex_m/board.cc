#include "board/cortex_m/memory.h"
#include "board/cortex_m/ports.h"

namespace firmware::hal {

Board& board() {
    static Board parts{
        KYSO_BOARD_NAME,
        hsm::protocol::AssuranceClass::KYSO_BOARD_CLASS,
        ::board::clock_port(),
        ::board::flash_port(),
        ::board::secret_flash_port(),
        ::board::noise_port(),
        ::board::link_port(),
        ::board::watchdog_port(),
        ::board::unique_id_port(),
        ::board::presence_port(),
        ::board::tamper_port(),
    };
    return parts;
}

hsm::ByteView image() {
    return {image_start, image_end};
}

}  // namespace firmware::hal
