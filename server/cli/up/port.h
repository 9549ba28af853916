#pragma once

#include <cstdint>
#include <optional>

#include "server/cli/failure.h"

namespace server::cli::up {

constexpr std::uint16_t default_port = 8443;

// A TCP port of 127.0.0.1 that no other `kyso up` of this machine takes while this lives, whether
// its server listens or not: so that two that start side by side do not choose the same.
class PortClaim {
public:
    // Nothing when another claims the port or somebody listens there.
    static std::optional<PortClaim> take(std::uint16_t port);
    // `wanted`, or without it the first free one from default_port on.
    static Outcome<PortClaim> choose(std::optional<std::uint16_t> wanted);

    PortClaim(PortClaim&& other) noexcept;
    PortClaim& operator=(PortClaim&&) = delete;
    ~PortClaim();

    std::uint16_t port() const { return port_; }

private:
    PortClaim(std::uint16_t port, int descriptor) : port_(port), descriptor_(descriptor) {}

    std::uint16_t port_;
    int descriptor_;
};

}  // namespace server::cli::up
