#include "board/cortex_m/memory.h"
#include "board/cortex_m/ports.h"
#include "hsm/base/byte_writer.h"
#include "hsm/protocol/frame.h"

namespace firmware::hal {
namespace {

// Does an image whose last start ended like this perhaps never get as far as its loop?
bool may_come_again(PanicCause cause) {
    switch (cause) {
        case PanicCause::check:
        case PanicCause::fault:
        case PanicCause::stack_smashed:
        case PanicCause::out_of_memory:
        case PanicCause::start_failed:
            return true;
        case PanicCause::none:
        case PanicCause::watchdog:
        case PanicCause::tamper:
            return false;
    }
    return false;
}

// A board that fails at each start would be silent for ever. So it says why, as a start does
// (PROTOCOL.md "Serial line"), before it tries again.
void tell_of_failure(Link& link) {
    const auto last = last_panic();
    if (!may_come_again(last.cause)) {
        return;
    }
    std::array<hsm::Byte, hsm::protocol::restart_payload_size> payload{};
    hsm::ByteWriter writer(payload);
    writer.u32(static_cast<std::uint32_t>(last.cause));
    writer.u32(last.detail);
    const auto head =
        hsm::protocol::encode_frame_head({hsm::protocol::FrameType::reset, 0, 0}, payload.size());
    link.send(head);
    link.send(payload);
    link.send(hsm::protocol::encode_frame_tail(head, payload));
}

}  // namespace

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
    static const bool told = [] {
        tell_of_failure(parts.link);
        return true;
    }();
    (void)told;
    return parts;
}

hsm::ByteView image() {
    return {image_start, image_end};
}

}  // namespace firmware::hal
