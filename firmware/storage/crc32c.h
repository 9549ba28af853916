#pragma once

#include <cstdint>

#include "hsm/base/bytes.h"

namespace firmware::storage {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, continued from the CRC of what came
// before; 0 to begin.
std::uint32_t crc32c(std::uint32_t before, hsm::ByteView bytes);

}  // namespace firmware::storage
