#include "board/cortex_m/ports.h"
#include "board/stm32f405/memory_map.h"

namespace board {
namespace {

// The button ties its pin to ground; the board has the resistor.
class Button final : public firmware::hal::Presence {
public:
    bool pressed() override { return !stm32f4::is_high(bus_, button_pin); }

private:
    stm32f4::Bus bus_;
};

}  // namespace

firmware::hal::Presence& presence_port() {
    static Button button;
    static const bool started = [] {
        (void)clock_port();
        stm32f4::Bus bus;
        stm32f4::set_input(bus, button_pin, stm32f4::Pull::none);
        return true;
    }();
    (void)started;
    return button;
}

}  // namespace board
