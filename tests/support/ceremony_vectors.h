#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "hsm/base/hex.h"
#include "hsm/protocol/types.h"

namespace tests::support {

// tests/vectors/ceremony/vectors.json, written by another implementation, beside it.
inline const boost::json::object& ceremony_vectors() {
    static const auto file = [] {
        const char* root = std::getenv("KYSO_SOURCE");
        CHECK(root != nullptr);
        std::ifstream stream(std::string(root) + "/tests/vectors/ceremony/vectors.json");
        CHECK(stream.good());
        return boost::json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
    }();
    return file.as_object();
}

inline std::vector<hsm::Byte> hex_bytes(const boost::json::value& text) {
    const auto& digits = text.as_string();
    CHECK(digits.size() % 2 == 0);
    std::vector<hsm::Byte> bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        bytes.push_back(
            static_cast<hsm::Byte>(hsm::hex_value(digits[i]) << 4 | hsm::hex_value(digits[i + 1])));
    }
    return bytes;
}

template <std::size_t size>
std::array<hsm::Byte, size> hex_array(const boost::json::value& text) {
    const auto bytes = hex_bytes(text);
    CHECK(bytes.size() == size);
    std::array<hsm::Byte, size> array{};
    std::ranges::copy(bytes, array.begin());
    return array;
}

}  // namespace tests::support
