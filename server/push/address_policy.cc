#include "server/push/address_policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace server::push {
namespace {

struct Range4 {
    std::uint32_t first;
    unsigned bits;
};

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}

// What the IANA IPv4 Special-Purpose Address Registry does not call globally reachable, the relays
// of 6to4, and multicast with all that is above it.
constexpr Range4 set_apart_4[] = {
    {ip(0, 0, 0, 0), 8},        // this network
    {ip(10, 0, 0, 0), 8},       // private
    {ip(100, 64, 0, 0), 10},    // shared, RFC 6598: a cloud's metadata may live here
    {ip(127, 0, 0, 0), 8},      // loopback
    {ip(169, 254, 0, 0), 16},   // link-local
    {ip(172, 16, 0, 0), 12},    // private
    {ip(192, 0, 0, 0), 24},     // protocol assignments
    {ip(192, 0, 2, 0), 24},     // documentation
    {ip(192, 88, 99, 0), 24},   // 6to4 relays
    {ip(192, 168, 0, 0), 16},   // private
    {ip(198, 18, 0, 0), 15},    // benchmarking
    {ip(198, 51, 100, 0), 24},  // documentation
    {ip(203, 0, 113, 0), 24},   // documentation
    {ip(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool is_public_4(std::uint32_t address) {
    return std::ranges::none_of(set_apart_4, [&](const Range4& range) {
        return (address ^ range.first) >> (32 - range.bits) == 0;
    });
}

struct Range6 {
    std::array<std::uint8_t, 4> first;  // no range here is longer than its first 32 bits
    unsigned bits;
};

// Global unicast is 2000::/3; what the registry sets apart within it.
constexpr Range6 set_apart_6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments: Teredo, ORCHID, …
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02, 0x00, 0x00}, 16},  // 6to4: an IPv4 address within
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

bool is_public_6(const in6_addr& address) {
    const auto* bytes = address.s6_addr;
    const auto leading = [](const std::uint8_t* four) {
        return ip(four[0], four[1], four[2], four[3]);
    };
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        return is_public_4(leading(bytes + 12));
    }
    if (bytes[0] >> 5 != 1) {
        return false;
    }
    return std::ranges::none_of(set_apart_6, [&](const Range6& range) {
        return (leading(bytes) ^ leading(range.first.data())) >> (32 - range.bits) == 0;
    });
}

}  // namespace

bool is_public_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &address, sizeof(four));
        return is_public_4(ntohl(four.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &address, sizeof(six));
        return is_public_6(six.sin6_addr);
    }
    return false;
}

}  // namespace server::push
