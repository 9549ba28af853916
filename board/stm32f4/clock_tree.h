#pragma once

#include <cstdint>

// The clocks of an STM32F405 as numbers. Limits: RM0090 §7.3.2 (RCC_PLLCFGR), §3.5.1 (wait states)
// and the datasheet's general operating conditions, all for 2.7 to 3.6 V and voltage scale 1.
namespace board::stm32f4 {

struct ClockTree {
    std::uint32_t crystal_hz;
    std::uint32_t pll_m;
    std::uint32_t pll_n;
    std::uint32_t pll_p;
    std::uint32_t pll_q;
    std::uint32_t apb1_divider;
    std::uint32_t apb2_divider;

    constexpr std::uint32_t vco_input_hz() const { return crystal_hz / pll_m; }
    constexpr std::uint32_t vco_hz() const { return vco_input_hz() * pll_n; }
    constexpr std::uint32_t core_hz() const { return vco_hz() / pll_p; }
    // PLL48CLK, which clocks the random number generator.
    constexpr std::uint32_t rng_hz() const { return vco_hz() / pll_q; }
    constexpr std::uint32_t apb1_hz() const { return core_hz() / apb1_divider; }
    constexpr std::uint32_t apb2_hz() const { return core_hz() / apb2_divider; }
    // §7.2: twice the bus's clock unless its divider is 1.
    constexpr std::uint32_t apb1_timer_hz() const {
        return apb1_divider == 1 ? apb1_hz() : 2 * apb1_hz();
    }
};

// 48 MHz is what USB asks exactly; the generator may have less, so that is not among the limits.
constexpr bool is_within_limits(const ClockTree& tree) {
    return tree.crystal_hz % tree.pll_m == 0 && tree.vco_hz() % tree.pll_p == 0 &&
           tree.crystal_hz >= 4'000'000 && tree.crystal_hz <= 26'000'000 && tree.pll_m >= 2 &&
           tree.pll_m <= 63 && tree.vco_input_hz() >= 1'000'000 &&
           tree.vco_input_hz() <= 2'000'000 && tree.pll_n >= 50 && tree.pll_n <= 432 &&
           tree.vco_hz() >= 100'000'000 && tree.vco_hz() <= 432'000'000 &&
           (tree.pll_p == 2 || tree.pll_p == 4 || tree.pll_p == 6 || tree.pll_p == 8) &&
           tree.core_hz() <= 168'000'000 && tree.pll_q >= 2 && tree.pll_q <= 15 &&
           tree.rng_hz() <= 48'000'000 && tree.rng_hz() > tree.core_hz() / 16 &&
           tree.apb1_hz() <= 42'000'000 && tree.apb2_hz() <= 84'000'000;
}

// §3.5.1, column 2.7 to 3.6 V: one more for each 30 MHz.
constexpr std::uint32_t flash_wait_states(std::uint32_t core_hz) {
    return core_hz == 0 ? 0 : (core_hz - 1) / 30'000'000;
}

// RCC_CFGR's PPRE1 and PPRE2: 0xx not divided, 100 by 2, 101 by 4, 110 by 8, 111 by 16.
constexpr std::uint32_t apb_prescaler(std::uint32_t divider) {
    std::uint32_t code = 0b011;
    while (divider > 1) {
        divider /= 2;
        ++code;
    }
    return code == 0b011 ? 0 : code;
}

// The 8 MHz crystal of the Olimex STM32-H405, to 168 MHz and 48 MHz.
constexpr ClockTree h405_clocks{8'000'000, 8, 336, 2, 7, 4, 2};
static_assert(is_within_limits(h405_clocks));

}  // namespace board::stm32f4
