#pragma once

#include "board/stm32f4/bus.h"
#include "board/stm32f4/clock_tree.h"
#include "board/stm32f4/peripherals.h"

// Reset and clock control, RM0090 chapter 7; power controller, chapter 5; flash access control,
// §3.9.1.
namespace board::stm32f4 {

constexpr std::uintptr_t rcc_cr = rcc + 0x00;
constexpr std::uintptr_t rcc_pllcfgr = rcc + 0x04;
constexpr std::uintptr_t rcc_cfgr = rcc + 0x08;
constexpr std::uintptr_t rcc_ahb1enr = rcc + 0x30;
constexpr std::uintptr_t rcc_ahb2enr = rcc + 0x34;
constexpr std::uintptr_t rcc_apb1enr = rcc + 0x40;
constexpr std::uintptr_t rcc_apb2enr = rcc + 0x44;
constexpr std::uintptr_t pwr_cr = pwr + 0x00;
constexpr std::uintptr_t flash_acr = flash_interface + 0x00;

constexpr std::uint32_t rcc_cr_hsi_on = 1u << 0;
constexpr std::uint32_t rcc_cr_hsi_ready = 1u << 1;
constexpr std::uint32_t rcc_cr_hse_on = 1u << 16;
constexpr std::uint32_t rcc_cr_hse_ready = 1u << 17;
constexpr std::uint32_t rcc_cr_css_on = 1u << 19;
constexpr std::uint32_t rcc_cr_pll_on = 1u << 24;
constexpr std::uint32_t rcc_cr_pll_ready = 1u << 25;
constexpr std::uint32_t rcc_cfgr_sw_mask = 0b11u << 0;
constexpr std::uint32_t rcc_cfgr_sw_pll = 0b10u << 0;
constexpr std::uint32_t rcc_cfgr_sws_mask = 0b11u << 2;
constexpr std::uint32_t rcc_cfgr_sws_hsi = 0b00u << 2;
constexpr std::uint32_t rcc_cfgr_sws_pll = 0b10u << 2;
constexpr std::uint32_t pwr_cr_vos_scale_1 = 1u << 14;
constexpr std::uint32_t flash_acr_latency_mask = 0b111;
constexpr std::uint32_t flash_acr_prefetch = 1u << 8;
constexpr std::uint32_t flash_acr_instruction_cache = 1u << 9;
constexpr std::uint32_t flash_acr_data_cache = 1u << 10;
constexpr std::uint32_t flash_acr_instruction_reset = 1u << 11;
constexpr std::uint32_t flash_acr_data_reset = 1u << 12;

constexpr std::uint32_t ahb1_gpio_a = 1u << 0;
constexpr std::uint32_t ahb1_gpio_c = 1u << 2;
constexpr std::uint32_t ahb2_rng = 1u << 6;
constexpr std::uint32_t apb1_tim2 = 1u << 0;
constexpr std::uint32_t apb1_pwr = 1u << 28;
constexpr std::uint32_t apb2_usart1 = 1u << 4;
constexpr std::uint32_t apb2_syscfg = 1u << 14;

// Erratum "delay after an RCC peripheral clock enabling" (ES0182): the clock comes up to two bus
// cycles after the write; reading the register back takes longer.
template <class AnyBus>
void enable_clock(AnyBus& bus, std::uintptr_t register_address, std::uint32_t peripheral) {
    set_bits(bus, register_address, peripheral);
    (void)bus.read(register_address);
}

// Revision A of the chip (REV_ID 0x1000) must not prefetch (ES0182).
template <class AnyBus>
bool may_prefetch(AnyBus& bus) {
    return bus.read(dbgmcu_idcode) >> 16 != 0x1000;
}

// From the 16 MHz of the internal oscillator, or from whatever a boot ROM has left running, to the
// crystal and `tree`. False when an oscillator, the regulator or the flash does not answer in time:
// nothing about the clocks holds then. Afterwards a crystal that stops raises the NMI (§7.2.7).
template <class AnyBus>
bool start_clocks(AnyBus& bus, const ClockTree& tree) {
    // A crystal takes milliseconds; at 16 MHz this is a good quarter of a second.
    constexpr std::uint32_t polls_max = 500'000;

    set_bits(bus, rcc_cr, rcc_cr_hsi_on);
    if (!wait_until(bus, rcc_cr, rcc_cr_hsi_ready, rcc_cr_hsi_ready, polls_max)) {
        return false;
    }
    clear_bits(bus, rcc_cfgr, rcc_cfgr_sw_mask);
    if (!wait_until(bus, rcc_cfgr, rcc_cfgr_sws_mask, rcc_cfgr_sws_hsi, polls_max)) {
        return false;
    }
    clear_bits(bus, rcc_cr, rcc_cr_css_on | rcc_cr_pll_on);
    if (!wait_until(bus, rcc_cr, rcc_cr_pll_ready, 0, polls_max)) {
        return false;
    }

    // §5.4.1: the scale is set while the PLL is off and takes effect when it is on.
    enable_clock(bus, rcc_apb1enr, apb1_pwr);
    set_bits(bus, pwr_cr, pwr_cr_vos_scale_1);

    set_bits(bus, rcc_cr, rcc_cr_hse_on);
    if (!wait_until(bus, rcc_cr, rcc_cr_hse_ready, rcc_cr_hse_ready, polls_max)) {
        return false;
    }
    // §7.3.2: PLLN from bit 6, (PLLP / 2 - 1) from bit 16, source crystal, PLLQ from bit 24.
    bus.write(
        rcc_pllcfgr,
        tree.pll_m | tree.pll_n << 6 | (tree.pll_p / 2 - 1) << 16 | 1u << 22 | tree.pll_q << 24);
    set_bits(bus, rcc_cr, rcc_cr_pll_on);
    if (!wait_until(bus, rcc_cr, rcc_cr_pll_ready, rcc_cr_pll_ready, polls_max)) {
        return false;
    }

    // §3.5.1, increasing the CPU frequency: wait states first, and seen to be taken.
    const auto latency = flash_wait_states(tree.core_hz());
    bus.write(flash_acr,
              latency | flash_acr_instruction_cache | flash_acr_data_cache |
                  (may_prefetch(bus) ? flash_acr_prefetch : 0));
    if (!wait_until(bus, flash_acr, flash_acr_latency_mask, latency, polls_max)) {
        return false;
    }
    // PPRE1 from bit 10, PPRE2 from bit 13; AHB is not divided.
    bus.write(rcc_cfgr,
              apb_prescaler(tree.apb1_divider) << 10 | apb_prescaler(tree.apb2_divider) << 13);
    set_bits(bus, rcc_cfgr, rcc_cfgr_sw_pll);
    if (!wait_until(bus, rcc_cfgr, rcc_cfgr_sws_mask, rcc_cfgr_sws_pll, polls_max)) {
        return false;
    }
    set_bits(bus, rcc_cr, rcc_cr_css_on);
    return true;
}

}  // namespace board::stm32f4
