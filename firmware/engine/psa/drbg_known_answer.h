#pragma once

#include "firmware/selftest/known_answers.h"
#include "hsm/base/result.h"

namespace firmware::engine::psa {

// Instantiates a CTR_DRBG as the one under psa_generate_random() is (AES-256, derivation function)
// on entropy that is known, asks it, reseeds it, asks it again. `self_test_failed`.
hsm::Result<void> test_drbg(const selftest::KnownAnswers& answers);

}  // namespace firmware::engine::psa
