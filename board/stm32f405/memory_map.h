#pragma once

#include "board/stm32f4/clock_tree.h"
#include "board/stm32f4/flash_map.h"
#include "board/stm32f4/gpio.h"
#include "board/stm32f4/peripherals.h"

// How the Olimex STM32-H405 is wired and shared out. README.md says where the pins come out.
namespace board {

constexpr auto clocks = stm32f4::h405_clocks;

constexpr stm32f4::Pin link_transmit_pin{stm32f4::gpio_a, 9};
constexpr stm32f4::Pin link_receive_pin{stm32f4::gpio_a, 10};
constexpr stm32f4::Pin button_pin{stm32f4::gpio_a, 0};
constexpr stm32f4::Pin tamper_pin{stm32f4::gpio_c, 13};

// The store: sectors 7 to 11 of 128 KB. Before them the image has sectors 0 to 5, 256 KB.
constexpr stm32f4::FlashRun store_sectors{7, 5};
static_assert(store_sectors.is_uniform());

// The flash secret: the sector below, whole, so that its erase takes nothing else along.
constexpr stm32f4::FlashRun secret_sector{6, 1};

}  // namespace board
