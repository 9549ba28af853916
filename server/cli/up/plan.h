#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace server::cli::up {

enum class EngineKind { softhsm, psa };

constexpr std::string_view name(EngineKind engine) {
    return engine == EngineKind::softhsm ? "softhsm" : "psa";
}
// Classes never share a KEK; psa keeps its keys in a file, SoftHSM plays the hardware's part.
constexpr std::string_view class_of(EngineKind engine) {
    return engine == EngineKind::softhsm ? "emulated" : "software";
}

// What the command line wants. What it leaves open has the folder's value, or on first use the
// default.
struct Wanted {
    std::optional<std::uint16_t> port;
    std::optional<unsigned> modules;
    std::optional<EngineKind> engine;
    std::string module_user;
};

// What a folder is made for. Fixed at first use: modules and origin are part of what custodian and
// officer have signed.
struct Plan {
    std::uint16_t port = 0;
    unsigned modules = 1;
    EngineKind engine = EngineKind::softhsm;
    std::string module_user;  // empty: the server's own
};

}  // namespace server::cli::up
