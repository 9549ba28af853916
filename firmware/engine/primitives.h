#pragma once

#include "firmware/selftest/self_tests.h"

namespace firmware::engine {

// The algorithms that every module has from Mbed TLS, whatever its engine: under digest.h, under
// the channel, under the generator; and on a board the noise source. For their self-tests.
selftest::Subject& primitives();

}  // namespace firmware::engine
