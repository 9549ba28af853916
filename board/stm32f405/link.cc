#include "board/cortex_m/ports.h"
#include "board/stm32f4/rcc.h"
#include "board/stm32f405/interrupts.h"
#include "board/stm32f405/memory_map.h"

namespace board {
namespace {

// Half a percent would be fine; 1 Mbit/s is exact.
constexpr std::uint32_t link_baud = 1'000'000;
static_assert(stm32f4::usart::baud_error_ppm(clocks.apb2_hz(), link_baud) == 0);
static_assert(stm32f4::usart::divider(clocks.apb2_hz(), link_baud) >= 16);
// Datasheet, alternate functions: USART1 on PA9 and PA10.
constexpr unsigned usart1_function = 7;

}  // namespace

stm32f4::UsartLink link_usart(stm32f4::usart1, stm32f4::usart1_interrupt);

firmware::hal::Link& link_port() {
    static const bool started = [] {
        (void)clock_port();
        stm32f4::Bus bus;
        // A line that nobody drives is held idle.
        stm32f4::set_alternate(bus, link_receive_pin, usart1_function, stm32f4::Pull::up);
        stm32f4::set_alternate(bus, link_transmit_pin, usart1_function, stm32f4::Pull::none);
        stm32f4::enable_clock(bus, stm32f4::rcc_apb2enr, stm32f4::apb2_usart1);
        link_usart.start(clocks.apb2_hz(), link_baud);
        return true;
    }();
    (void)started;
    return link_usart;
}

}  // namespace board
