#pragma once

#include "firmware/hal/clock.h"
#include "firmware/hal/flash.h"
#include "firmware/hal/link.h"
#include "firmware/hal/panic.h"
#include "firmware/hal/presence.h"
#include "firmware/hal/rng.h"
#include "firmware/hal/tamper.h"
#include "firmware/hal/unique_id.h"
#include "firmware/hal/watchdog.h"
#include "hsm/protocol/types.h"

namespace firmware::hal {

// Everything that an image gets from its board; PORTING.md says what each part owes.
struct Board {
    std::string_view name;
    hsm::protocol::AssuranceClass assurance_class;
    Clock& clock;
    Flash& flash;         // the log store's
    Flash& secret_flash;  // one sector of its own, for the flash secret
    Noise& noise;
    Link& link;
    Watchdog& watchdog;
    UniqueId& unique_id;
    Presence& presence;
    Tamper& tamper;
};

// Starts clocks and drivers at the first call; the board's one definition.
Board& board();

// The image as it lies in flash: code, constants, and what initialises RAM.
hsm::ByteView image();

// What an image does once memory is protected and static objects are made: its one definition.
[[noreturn]] void run_image();

}  // namespace firmware::hal
