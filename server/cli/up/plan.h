#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace server::cli::up {

// Where the keys are: in a process of `kyso up`, or on a board that somebody else has started.
enum class EngineKind { softhsm, psa, board };

constexpr std::string_view name(EngineKind engine) {
    switch (engine) {
        case EngineKind::softhsm:
            return "softhsm";
        case EngineKind::psa:
            return "psa";
        case EngineKind::board:
            return "board";
    }
    return {};
}
// Classes never share a KEK; psa keeps its keys in a file, SoftHSM plays the hardware's part. A
// board says itself what it is; one of class `hardware` is refused here (board.h).
constexpr std::string_view class_of(EngineKind engine) {
    return engine == EngineKind::psa ? "software" : "emulated";
}

// What the command line wants. What it leaves open has the folder's value, or on first use the
// default.
struct Wanted {
    std::optional<std::uint16_t> port;
    std::optional<unsigned> modules;
    std::optional<EngineKind> engine;
    std::string module_user;
    std::string line;  // of a board
    bool sandbox = false;
};

// The host names of every appliance that `kyso up` makes: RFC 6761 §6.3 keeps them on this machine.
struct Hosts {
    std::string api = "api.localhost";
    std::string login = "login.localhost";
    std::string approve = "approve.localhost";
    std::string office = "office.localhost";
    std::string portal = "portal.localhost";  // empty: without the signing portal
    std::string mtls = "mtls.localhost";
};

// What a folder is made for. Fixed at first use: modules and origin are part of what custodian and
// officer have signed.
struct Plan {
    std::uint16_t port = 0;
    unsigned modules = 1;
    EngineKind engine = EngineKind::softhsm;
    std::string module_user;  // empty: the server's own
    std::string line;         // "uart+unix:PATH" or "serial:PATH": where a board answers
    bool sandbox = false;     // with people whose phones answer by themselves
    Hosts hosts;              // the operator may name others later
};

}  // namespace server::cli::up
