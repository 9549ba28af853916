#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace server::net {

// An IPv6 address, or an IPv4 address as the one it is mapped to (RFC 4291 §2.5.5.2), so that it is
// the same whichever socket it came to.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    static std::optional<IpAddress> read(std::string_view text);
    // As inet_ntop() writes it; an IPv4 address with dots.
    std::string text() const;
};

// All addresses that begin with the same bits.
class IpNetwork {
public:
    // "10.1.0.0/16", "2001:db8::/32", or a single address. None also where bits behind the prefix
    // are set: what is meant then is not known.
    static std::optional<IpNetwork> read(std::string_view text);

    bool contains(const IpAddress& address) const;

private:
    IpAddress address_;
    unsigned prefix_ = 0;  // bits
};

}  // namespace server::net
