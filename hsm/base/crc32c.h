#pragma once

#include "hsm/base/bytes.h"

namespace hsm::base {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, continued from the CRC of what came
// before; 0 to begin.
std::uint32_t crc32c(std::uint32_t before, ByteView bytes);

}  // namespace hsm::base

namespace hsm {
using base::crc32c;
}
