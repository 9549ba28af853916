#pragma once

#include <vector>

#include "hsm/base/bytes.h"

// CBOR items by hand, for what hsm/protocol refuses to write.
namespace tests::support {

inline std::vector<hsm::Byte> cbor_head(hsm::Byte major, std::uint64_t argument) {
    const auto initial = static_cast<hsm::Byte>(major << 5);
    if (argument < 24) {
        return {static_cast<hsm::Byte>(initial | argument)};
    }
    const int code = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x100000000 ? 2 : 3;
    std::vector<hsm::Byte> bytes{static_cast<hsm::Byte>(initial | (24 + code))};
    for (int shift = 8 * ((1 << code) - 1); shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<hsm::Byte>(argument >> shift));
    }
    return bytes;
}

inline std::vector<hsm::Byte> cbor_string(hsm::Byte major, hsm::ByteView content) {
    auto bytes = cbor_head(major, content.size());
    bytes.insert(bytes.end(), content.begin(), content.end());
    return bytes;
}

}  // namespace tests::support
