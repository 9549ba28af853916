#pragma once

#include "board/stm32f4/tamper_switch.h"
#include "board/stm32f4/usart_link.h"

namespace board {

// What the interrupts in ram_code.cc work on.
extern stm32f4::UsartLink link_usart;                      // link.cc
extern stm32f4::TamperSwitch<stm32f4::Bus> tamper_switch;  // tamper.cc

}  // namespace board
