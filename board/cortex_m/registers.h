#pragma once

#include <cstdint>

// The registers that every Cortex-M has (Armv7-M ARM B3.2, Armv8-M ARM D1.2), and one way to reach
// any register.
namespace board::cortex_m {

inline volatile std::uint32_t& reg32(std::uintptr_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT: a device's address
}

constexpr std::uintptr_t syst_csr = 0xe000e010;
constexpr std::uintptr_t syst_rvr = 0xe000e014;
constexpr std::uintptr_t syst_cvr = 0xe000e018;
constexpr std::uintptr_t nvic_iser = 0xe000e100;
constexpr std::uintptr_t nvic_icer = 0xe000e180;
constexpr std::uintptr_t scb_vtor = 0xe000ed08;
constexpr std::uintptr_t scb_aircr = 0xe000ed0c;
constexpr std::uintptr_t scb_shcsr = 0xe000ed24;

inline void enable_interrupt(unsigned number) {
    reg32(nvic_iser + number / 32 * 4) = 1u << (number % 32);
}

inline void data_barrier() {
    __asm__ volatile("dsb" ::: "memory");
}
inline void instruction_barrier() {
    __asm__ volatile("isb" ::: "memory");
}

// Interrupts are off while it lives; nests.
class InterruptsOff {
public:
    InterruptsOff() { __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(before_)::"memory"); }
    ~InterruptsOff() { __asm__ volatile("msr primask, %0" ::"r"(before_) : "memory"); }
    InterruptsOff(const InterruptsOff&) = delete;
    InterruptsOff& operator=(const InterruptsOff&) = delete;

private:
    std::uint32_t before_;
};

// Sleeps until an interrupt is pending; with interrupts off it returns before that one is served,
// so nothing can slip in between a look at a ring and the sleep.
inline void wait_for_interrupt() {
    __asm__ volatile("dsb\n\twfi" ::: "memory");
}

}  // namespace board::cortex_m
