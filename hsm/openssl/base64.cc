#include "hsm/openssl/base64.h"

namespace hsm::openssl {
namespace {

using Alphabet = std::array<char, 65>;
using Values = std::array<Byte, 256>;

constexpr Alphabet standard = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
constexpr Alphabet url = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
constexpr Byte no_value = 0xff;

constexpr Values values_of(const Alphabet& alphabet) {
    Values values{};
    for (auto& value : values) {
        value = no_value;
    }
    for (std::size_t i = 0; i < 64; ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<Byte>(i);
    }
    return values;
}

constexpr Values standard_values = values_of(standard);
constexpr Values url_values = values_of(url);

constexpr std::size_t encoded_size(std::size_t size) {
    return size / 3 * 4 + (size % 3 == 0 ? 0 : size % 3 + 1);
}

void encode(ByteView bytes, const Alphabet& alphabet, char* out) {
    const auto put = [&](std::uint32_t word, int characters) {
        for (int shift = 18; characters > 0; shift -= 6, --characters) {
            *out++ = alphabet[(word >> shift) & 0x3f];
        }
    };
    std::size_t i = 0;
    for (; bytes.size() - i >= 3; i += 3) {
        put(std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2], 4);
    }
    if (bytes.size() - i == 1) {
        put(std::uint32_t{bytes[i]} << 16, 2);
    } else if (bytes.size() - i == 2) {
        put(std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8, 3);
    }
}

// `text` has no padding; `out` has room for text.size() * 3 / 4 bytes.
bool decode(std::string_view text, const Values& values, Byte* out) {
    if (text.size() % 4 == 1) {
        return false;
    }
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const char character : text) {
        const Byte value = values[static_cast<unsigned char>(character)];
        if (value == no_value) {
            return false;
        }
        word = word << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = static_cast<Byte>(word >> bits);
            word &= (1u << bits) - 1;
        }
    }
    return word == 0;
}

}  // namespace

std::string base64(ByteView bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    encode(bytes, standard, text.data());
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    // Padding that the remainder modulo four does not ask for leaves a '=' in the text.
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    Bytes bytes(text.size() * 3 / 4);
    if (!decode(text, standard_values, bytes.data())) {
        return std::nullopt;
    }
    return bytes;
}

std::string base64url(ByteView bytes) {
    std::string text;
    base64url_into(bytes, text);
    return text;
}

std::optional<Bytes> from_base64url(std::string_view text) {
    Bytes bytes(text.size() * 3 / 4);
    if (!from_base64url_into(text, bytes)) {
        return std::nullopt;
    }
    return bytes;
}

void base64url_into(ByteView bytes, std::string& text) {
    text.resize(encoded_size(bytes.size()));
    encode(bytes, url, text.data());
}

bool from_base64url_into(std::string_view text, MutableBytes bytes) {
    return text.size() == encoded_size(bytes.size()) && decode(text, url_values, bytes.data());
}

}  // namespace hsm::openssl
