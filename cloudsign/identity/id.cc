#include "cloudsign/identity/id.h"

#include <array>

#include "cloudsign/clock.h"
#include "cloudsign/random.h"

namespace cloudsign::identity {

std::string new_id(std::string_view prefix) {
    constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
    constexpr std::size_t time_size = 6;
    std::array<hsm::Byte, 16> bytes;
    fill_random(bytes);
    auto now_ms = static_cast<std::uint64_t>(SystemClock().now_ms());
    for (std::size_t i = time_size; i > 0; --i) {
        bytes[i - 1] = static_cast<hsm::Byte>(now_ms);
        now_ms >>= 8;
    }

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
