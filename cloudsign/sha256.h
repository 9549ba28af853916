#pragma once

#include "hsm/openssl/digest.h"

namespace cloudsign {
using hsm::sha256;
}  // namespace cloudsign
