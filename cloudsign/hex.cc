#include "cloudsign/hex.h"

#include "hsm/base/hex.h"

namespace cloudsign {

std::string hex(hsm::ByteView bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (auto byte : bytes) {
        text += hsm::hex_digits[byte >> 4];
        text += hsm::hex_digits[byte & 0x0f];
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hsm::hex_value(text[i]);
        const int low = hsm::hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<hsm::Byte>(high << 4 | low));
    }
    return bytes;
}

}  // namespace cloudsign
