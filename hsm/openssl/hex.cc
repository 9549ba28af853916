#include "hsm/openssl/hex.h"

#include "hsm/base/hex.h"

namespace hsm::openssl {

std::string hex(ByteView bytes) {
    std::string text;
    for (const auto byte : bytes) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

}  // namespace hsm::openssl
