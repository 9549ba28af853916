#pragma once

#include "hsm/base/bytes.h"

namespace cloudsign {

// Fills `bytes` from OpenSSL's generator; aborts if it fails, since nothing may go on without it.
void fill_random(hsm::MutableBytes bytes);

hsm::Digest random_32();

}  // namespace cloudsign
