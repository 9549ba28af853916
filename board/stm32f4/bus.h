#pragma once

#include "board/cortex_m/registers.h"

namespace board::stm32f4 {

// How a driver reaches registers. Drivers take it as a template parameter, so that on the host a
// model written from the reference manual answers instead (tests/unit/board/stm32f4).
struct Bus {
    static std::uint32_t read(std::uintptr_t address) { return cortex_m::reg32(address); }
    static void write(std::uintptr_t address, std::uint32_t value) {
        cortex_m::reg32(address) = value;
    }
};

template <class AnyBus>
void set_bits(AnyBus& bus, std::uintptr_t address, std::uint32_t bits) {
    bus.write(address, bus.read(address) | bits);
}

template <class AnyBus>
void clear_bits(AnyBus& bus, std::uintptr_t address, std::uint32_t bits) {
    bus.write(address, bus.read(address) & ~bits);
}

// Reads the register until (value & mask) == wanted, `polls_max` times at most; was it so?
template <class AnyBus>
bool wait_until(AnyBus& bus,
                std::uintptr_t address,
                std::uint32_t mask,
                std::uint32_t wanted,
                std::uint32_t polls_max) {
    for (std::uint32_t i = 0; i < polls_max; ++i) {
        if ((bus.read(address) & mask) == wanted) {
            return true;
        }
    }
    return false;
}

}  // namespace board::stm32f4
