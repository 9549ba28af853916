#pragma once

#include <cstdint>

// Where the peripherals of an STM32F405 are: reference manual RM0090, §2.3 (register boundary
// addresses) and chapter 12 (vector table). Offsets and bits stand beside the drivers that use
// them.
namespace board::stm32f4 {

constexpr std::uintptr_t tim2 = 0x40000000;
constexpr std::uintptr_t iwdg = 0x40003000;
constexpr std::uintptr_t usart2 = 0x40004400;
constexpr std::uintptr_t pwr = 0x40007000;
constexpr std::uintptr_t usart1 = 0x40011000;
constexpr std::uintptr_t syscfg = 0x40013800;
constexpr std::uintptr_t exti = 0x40013c00;
constexpr std::uintptr_t gpio_a = 0x40020000;
constexpr std::uintptr_t gpio_c = 0x40020800;
constexpr std::uintptr_t rcc = 0x40023800;
constexpr std::uintptr_t flash_interface = 0x40023c00;
constexpr std::uintptr_t rng = 0x50060800;
constexpr std::uintptr_t dbgmcu_idcode = 0xe0042000;

// 39.1: 96 bits.
constexpr std::uintptr_t unique_device_id = 0x1fff7a10;

constexpr unsigned usart1_interrupt = 37;
constexpr unsigned usart2_interrupt = 38;
constexpr unsigned exti15_10_interrupt = 40;
constexpr unsigned interrupt_count = 82;

}  // namespace board::stm32f4
