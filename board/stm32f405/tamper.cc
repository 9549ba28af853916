#include "board/cortex_m/ports.h"
#include "board/stm32f405/interrupts.h"
#include "board/stm32f405/memory_map.h"

namespace board {
namespace {

constexpr unsigned exticr_port_c = 2;

}  // namespace

stm32f4::TamperSwitch<stm32f4::Bus> tamper_switch(tamper_pin, exticr_port_c);

firmware::hal::Tamper& tamper_port() {
    static const bool started = [] {
        (void)clock_port();
        stm32f4::Bus bus;
        stm32f4::enable_clock(bus, stm32f4::rcc_apb2enr, stm32f4::apb2_syscfg);
        tamper_switch.start();
        cortex_m::enable_interrupt(stm32f4::exti15_10_interrupt);
        return true;
    }();
    (void)started;
    return tamper_switch;
}

}  // namespace board
