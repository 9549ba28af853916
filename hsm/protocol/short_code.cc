#include "hsm/protocol/short_code.h"

namespace hsm::protocol {

std::array<char, 14> short_code(const Digest& thumbprint) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        bits = bits << 8 | thumbprint[i];
    }
    std::array<char, 14> code{};
    std::size_t at = 0;
    for (unsigned i = 0; i < 12; ++i) {
        if (i == 4 || i == 8) {
            code[at++] = '-';
        }
        code[at++] = alphabet[bits >> (59 - 5 * i) & 0x1f];
    }
    return code;
}

}  // namespace hsm::protocol
