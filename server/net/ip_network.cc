#include "server/net/ip_network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <span>

namespace server::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned bits_max = 128;

bool is_mapped(const IpAddress& address) {
    return std::ranges::equal(mapped, std::span(address.bytes).first<mapped.size()>());
}

bool bit(const IpAddress& address, unsigned position) {
    return (address.bytes[position / 8] >> (7 - position % 8) & 1) != 0;
}

}  // namespace

std::optional<IpAddress> IpAddress::read(std::string_view text) {
    const std::string terminated(text);
    IpAddress address;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    std::ranges::copy(mapped, address.bytes.begin());
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + mapped.size()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_mapped(*this)) {
        ::inet_ntop(AF_INET, bytes.data() + mapped.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    }
    return text.data();
}

std::optional<IpNetwork> IpNetwork::read(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::read(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    IpNetwork network;
    network.address_ = *address;
    network.prefix_ = bits_max;
    if (slash != std::string_view::npos) {
        const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
        const unsigned before = is_v4 ? mapped.size() * 8 : 0;
        const auto digits = text.substr(slash + 1);
        unsigned prefix = 0;
        const auto* end = digits.data() + digits.size();
        const auto [at, error] = std::from_chars(digits.data(), end, prefix);
        if (error != std::errc() || at != end || prefix > bits_max - before) {
            return std::nullopt;
        }
        network.prefix_ = before + prefix;
    }
    for (auto position = network.prefix_; position < bits_max; ++position) {
        if (bit(network.address_, position)) {
            return std::nullopt;
        }
    }
    return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
    for (unsigned position = 0; position < prefix_; ++position) {
        if (bit(address, position) != bit(address_, position)) {
            return false;
        }
    }
    return true;
}

}  // namespace server::net
