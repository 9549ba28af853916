#pragma once

#include "hsm/base/result.h"

namespace firmware::engine::psa {

// Starts Mbed TLS: seeds its generator. Once, before every other call to the engine or the channel;
// calling it again is harmless. `rng_failed` when there is no entropy.
hsm::Result<void> initialize();

}  // namespace firmware::engine::psa
