#include "firmware/port/counter.h"

#include "board/cortex_m/registers.h"
#include "board/stm32f405/memory_map.h"

namespace firmware::port {
namespace {

using board::cortex_m::reg32;

// The core's cycle counter: Armv7-M ARM C1.6.5 (DEMCR), C1.8.7 and C1.8.8 (DWT_CTRL, DWT_CYCCNT).
constexpr std::uintptr_t demcr = 0xe000edfc;
constexpr std::uint32_t demcr_trcena = 1u << 24;
constexpr std::uintptr_t dwt_ctrl = 0xe0001000;
constexpr std::uint32_t dwt_ctrl_cyccntena = 1u << 0;
constexpr std::uintptr_t dwt_cyccnt = 0xe0001004;

}  // namespace

std::uint32_t ticks() {
    static const bool counts = [] {
        reg32(demcr) = reg32(demcr) | demcr_trcena;
        reg32(dwt_cyccnt) = 0;
        reg32(dwt_ctrl) = reg32(dwt_ctrl) | dwt_ctrl_cyccntena;
        return true;
    }();
    (void)counts;
    return reg32(dwt_cyccnt);
}

std::uint32_t ticks_hz() {
    return board::clocks.core_hz();
}

}  // namespace firmware::port
