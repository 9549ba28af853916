#pragma once

#include "firmware/hal/board.h"

// The parts of a board, each defined in the file of its name in the board's folder. Objects are
// made at the first call.
namespace board {

firmware::hal::Clock& clock_port();
firmware::hal::Flash& flash_port();
firmware::hal::Flash& secret_flash_port();
firmware::hal::Noise& noise_port();
firmware::hal::Link& link_port();
firmware::hal::Watchdog& watchdog_port();
firmware::hal::UniqueId& unique_id_port();
firmware::hal::Presence& presence_port();
firmware::hal::Tamper& tamper_port();

}  // namespace board
