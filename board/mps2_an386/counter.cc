#include "firmware/port/counter.h"

#include "board/cmsdk/tick_counter.h"
#include "board/mps2_an386/memory_map.h"

namespace firmware::port {

std::uint32_t ticks() {
    static const board::cmsdk::TickCounter counter(board::tick_timer);
    return counter.ticks();
}

std::uint32_t ticks_hz() {
    return board::core_hz;
}

}  // namespace firmware::port
