#pragma once

#include "firmware/selftest/noise_health.h"

namespace firmware::engine::psa {

// Starts Mbed TLS: seeds its generator. Once, before every other call to the engine or the channel;
// calling it again is harmless. `rng_failed` when there is no entropy.
hsm::Result<void> initialize();

// The same on a board, whose entropy is `noise` once its start-up test has passed. `noise` outlives
// every use of Mbed TLS.
hsm::Result<void> initialize(selftest::TestedNoise& noise);

}  // namespace firmware::engine::psa
