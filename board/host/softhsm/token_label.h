#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "hsm/base/bytes.h"

namespace board::host::softhsm {

constexpr std::size_t token_label_size = 32;

// PKCS#11 v2.40 §3.2: a token's label is 32 bytes, padded with blanks, not terminated.
inline std::array<hsm::Byte, token_label_size> padded_label(std::string_view label) {
    std::array<hsm::Byte, token_label_size> padded;
    padded.fill(' ');
    const auto count = std::min(label.size(), padded.size());
    std::copy_n(label.begin(), count, padded.begin());
    return padded;
}

}  // namespace board::host::softhsm
