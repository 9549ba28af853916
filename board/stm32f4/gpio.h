#pragma once

#include "board/stm32f4/bus.h"

// RM0090 chapter 8. A pin's two bits lie at twice its number in MODER, OSPEEDR and PUPDR, its four
// bits of AFR in the low register for pins 0 to 7. The other pins of a port keep what they have:
// after reset some are the debugger's.
namespace board::stm32f4 {

enum class Pull : std::uint8_t { none = 0, up = 1, down = 2 };

struct Pin {
    std::uintptr_t port;
    unsigned number;
};

namespace gpio {

constexpr std::uintptr_t moder = 0x00;
constexpr std::uintptr_t ospeedr = 0x08;
constexpr std::uintptr_t pupdr = 0x0c;
constexpr std::uintptr_t idr = 0x10;
constexpr std::uintptr_t afrl = 0x20;

template <class AnyBus>
void set_field(AnyBus& bus, std::uintptr_t address, unsigned shift, unsigned bits, unsigned value) {
    const std::uint32_t mask = ((1u << bits) - 1) << shift;
    bus.write(address, (bus.read(address) & ~mask) | value << shift);
}

}  // namespace gpio

template <class AnyBus>
void set_input(AnyBus& bus, const Pin& pin, Pull pull) {
    gpio::set_field(bus, pin.port + gpio::pupdr, 2 * pin.number, 2, static_cast<unsigned>(pull));
    gpio::set_field(bus, pin.port + gpio::moder, 2 * pin.number, 2, 0b00);
}

// `function` as the datasheet's table of alternate functions numbers it. Push-pull, medium speed.
template <class AnyBus>
void set_alternate(AnyBus& bus, const Pin& pin, unsigned function, Pull pull) {
    gpio::set_field(
        bus, pin.port + gpio::afrl + pin.number / 8 * 4, 4 * (pin.number % 8), 4, function);
    gpio::set_field(bus, pin.port + gpio::ospeedr, 2 * pin.number, 2, 0b01);
    gpio::set_field(bus, pin.port + gpio::pupdr, 2 * pin.number, 2, static_cast<unsigned>(pull));
    gpio::set_field(bus, pin.port + gpio::moder, 2 * pin.number, 2, 0b10);
}

template <class AnyBus>
bool is_high(AnyBus& bus, const Pin& pin) {
    return (bus.read(pin.port + gpio::idr) >> pin.number & 1) != 0;
}

}  // namespace board::stm32f4
