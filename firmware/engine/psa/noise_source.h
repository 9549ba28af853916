#pragma once

#include "firmware/selftest/noise_health.h"

namespace firmware::engine::psa {

// Gives mbedtls_hardware_poll() its source, which outlives every use of Mbed TLS.
void use_noise(selftest::TestedNoise& noise);

// The start-up test once more. `rng_failed`; `not_supported` where the operating system is the
// source.
hsm::Result<void> test_noise_source();

}  // namespace firmware::engine::psa
