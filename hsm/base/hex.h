#pragma once

#include <string_view>

namespace hsm::base {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

// Of a hexadecimal digit in either case; -1 for any other character.
constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace hsm::base

namespace hsm {
using base::hex_digits;
using base::hex_value;
}  // namespace hsm
