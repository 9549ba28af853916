#pragma once

#include "cloudsign/bytes.h"
#include "hsm/openssl/base64.h"

namespace cloudsign {
using hsm::base64;
using hsm::base64url;
using hsm::base64url_into;
using hsm::from_base64;
using hsm::from_base64url;
using hsm::from_base64url_into;
}  // namespace cloudsign
