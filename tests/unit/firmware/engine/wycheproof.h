#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "hsm/base/bytes.h"

// Project Wycheproof's vectors, from the folder that the environment variable KYSO_VECTORS names;
// they are not part of this repository.
namespace tests::engine {

inline std::optional<nlohmann::json> wycheproof(const std::string& file) {
    const char* folder = std::getenv("KYSO_VECTORS");
    if (folder == nullptr) {
        return std::nullopt;
    }
    std::ifstream stream(std::string(folder) + "/wycheproof/" + file);
    if (!stream) {
        return std::nullopt;
    }
    return nlohmann::json::parse(stream);
}

inline std::vector<hsm::Byte> from_hex(const std::string& text) {
    std::vector<hsm::Byte> bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<hsm::Byte>(std::stoul(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

}  // namespace tests::engine
