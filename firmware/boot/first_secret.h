#pragma once

#include "firmware/boot/updater.h"
#include "firmware/engine/engine.h"
#include "firmware/engine/psa/flash_secret.h"

namespace firmware::boot {

// At a start on a module that never had a secret: draws it and has it vouch for the image that
// runs, before the engine seals anything. A power cut in between leaves a secret that vouches for
// nothing, which the loader forgets.
Result<void> draw_first_secret(engine::psa::FlashSecret& secret,
                               engine::Engine& engine,
                               Updater& updater);

}  // namespace firmware::boot
