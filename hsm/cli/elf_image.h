#pragma once

#include <string>

#include "hsm/base/result.h"
#include "hsm/openssl/bytes.h"

namespace hsm::cli {

// What of an executable ends up in flash, from its lowest address on.
struct ElfImage {
    std::uint32_t load_address = 0;
    Bytes bytes;
};

// The loadable segments of a 32-bit little-endian Arm executable, by physical address, gaps filled
// with 0xff; the same bytes as `objcopy -O binary`. An error says in words what is wrong with it,
// among it that it does not begin with a vector table of its own.
Result<ElfImage, std::string> read_elf_image(ByteView elf);

}  // namespace hsm::cli
