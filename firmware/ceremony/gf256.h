#pragma once

#include "hsm/base/bytes.h"

// GF(2^8) with the polynomial of FIPS 197 §4.2. No table and no branch depends on a value: the
// values are shares of a key, and a lookup's address or a branch's time would tell of them.
namespace firmware::ceremony::gf256 {

using hsm::Byte;

// Hides a value from the optimiser, which could make a branch of a mask again.
inline unsigned opaque(unsigned value) {
    asm volatile("" : "+r"(value));
    return value;
}

// 0xff when the lowest bit of `value` is set, else 0.
inline unsigned mask_of_bit(unsigned value) {
    return (0u - (opaque(value) & 1u)) & 0xffu;
}

inline Byte add(Byte a, Byte b) {
    return a ^ b;
}

inline Byte multiply(Byte a, Byte b) {
    constexpr unsigned reduction = 0x1b;  // x^8 = x^4 + x^3 + x + 1
    unsigned product = 0;
    unsigned shifted = a;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= shifted & mask_of_bit(unsigned{b} >> bit);
        const auto carry = mask_of_bit(shifted >> 7);
        shifted = (shifted << 1 & 0xffu) ^ (reduction & carry);
    }
    return static_cast<Byte>(product);
}

// a^254, which is 1/a, and 0 for 0.
inline Byte invert(Byte a) {
    Byte power = a;
    Byte product = 1;
    for (unsigned bit = 1; bit < 8; ++bit) {  // 254 = 2 + 4 + … + 128
        power = multiply(power, power);
        product = multiply(product, power);
    }
    return product;
}

}  // namespace firmware::ceremony::gf256
