#include "cloudsign/identity/id.h"

#include <array>

#include "cloudsign/random.h"

namespace cloudsign::identity {

std::string new_id(std::string_view prefix) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::array<hsm::Byte, 16> bytes;
    fill_random(bytes);
    std::string id(prefix);
    id += '_';
    unsigned word = 0;
    unsigned bits = 0;
    for (const auto byte : bytes) {
        word = word << 8 | byte;
        for (bits += 8; bits >= 5; bits -= 5) {
            id += alphabet[word >> (bits - 5) & 0x1f];
        }
    }
    id += alphabet[word << (5 - bits) & 0x1f];
    return id;
}

}  // namespace cloudsign::identity
