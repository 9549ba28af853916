#include "cloudsign/hex.h"

namespace cloudsign {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

int digit_value(char c) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto at = digits.find(lower);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string hex(hsm::ByteView bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0f];
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
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<hsm::Byte>(high << 4 | low));
    }
    return bytes;
}

}  // namespace cloudsign
