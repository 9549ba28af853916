#pragma once

#include <vector>

#include "hsm/base/bytes.h"

namespace hsm::openssl {

// A byte string of any length: std::string is for text only.
using Bytes = std::vector<Byte>;

}  // namespace hsm::openssl

namespace hsm {
using openssl::Bytes;
}  // namespace hsm
