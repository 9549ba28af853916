#include "hsm/softphone/base64url.h"

namespace hsm::softphone {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string base64url(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const Byte byte : bytes) {
        word = word << 8 | byte;
        for (bits += 8; bits >= 6; bits -= 6) {
            text += alphabet[word >> (bits - 6) & 0x3f];
        }
    }
    if (bits > 0) {
        text += alphabet[word << (6 - bits) & 0x3f];
    }
    return text;
}

std::optional<Bytes> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const char character : text) {
        const auto value = alphabet.find(character);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        word = word << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<Byte>(word >> bits));
            word &= (1u << bits) - 1;
        }
    }
    if (word != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace hsm::softphone
