#pragma once

#include <string>

#include "hsm/base/bytes.h"

namespace hsm::openssl {

// Two digits for each byte, lower case.
std::string hex(ByteView bytes);

}  // namespace hsm::openssl
