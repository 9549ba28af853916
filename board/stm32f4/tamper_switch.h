#pragma once

#include <atomic>

#include "board/stm32f4/gpio.h"
#include "board/stm32f4/rcc.h"
#include "firmware/hal/tamper.h"

namespace board::stm32f4 {

// A switch that ties its pin to ground while the case is closed; the pin's pull-up does the rest,
// so a cut wire counts as open. An edge is latched by the pin's external interrupt, RM0090 §12.3
// (EXTI) and §9.2 (SYSCFG_EXTICR).
template <class AnyBus>
class TamperSwitch final : public firmware::hal::Tamper {
public:
    // `port_code` as EXTICR numbers ports: A is 0. The clocks of port and SYSCFG are on.
    TamperSwitch(const Pin& pin, unsigned port_code, AnyBus bus = {})
        : pin_(pin), port_code_(port_code), bus_(bus) {}

    // Arms it: what was before is forgotten. The pin's line of the NVIC is the caller's.
    void start() {
        set_input(bus_, pin_, Pull::up);
        gpio::set_field(
            bus_, syscfg + exticr1 + pin_.number / 4 * 4, 4 * (pin_.number % 4), 4, port_code_);
        set_bits(bus_, exti + rising, line());
        clear_bits(bus_, exti + falling, line());
        bus_.write(exti + pending, line());  // cleared by writing 1
        set_bits(bus_, exti + unmasked, line());
    }

    void on_edge() {
        bus_.write(exti + pending, line());
        opened_.store(true, std::memory_order_relaxed);
    }

    bool tampered() override {
        return opened_.load(std::memory_order_relaxed) || is_high(bus_, pin_);
    }

private:
    static constexpr std::uintptr_t exticr1 = 0x08;
    static constexpr std::uintptr_t unmasked = 0x00;
    static constexpr std::uintptr_t rising = 0x08;
    static constexpr std::uintptr_t falling = 0x0c;
    static constexpr std::uintptr_t pending = 0x14;

    std::uint32_t line() const { return 1u << pin_.number; }

    Pin pin_;
    unsigned port_code_;
    [[no_unique_address]] AnyBus bus_;
    std::atomic<bool> opened_{false};
};

}  // namespace board::stm32f4
