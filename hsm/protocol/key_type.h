#pragma once

#include "hsm/protocol/types.h"

namespace hsm::protocol {

constexpr bool is_rsa(KeyType type) {
    return type == KeyType::rsa2048 || type == KeyType::rsa3072 || type == KeyType::rsa4096;
}

// The modulus's length of an RSA key, the field's of an elliptic-curve key; 0 for no type.
constexpr std::size_t key_bits(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return 256;
        case KeyType::p384:
            return 384;
        case KeyType::rsa2048:
            return 2048;
        case KeyType::rsa3072:
            return 3072;
        case KeyType::rsa4096:
            return 4096;
    }
    return 0;
}

}  // namespace hsm::protocol
