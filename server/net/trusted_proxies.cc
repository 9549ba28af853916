#include "server/net/trusted_proxies.h"

#include <algorithm>
#include <optional>

namespace server::net {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos
               ? std::string_view()
               : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "192.0.2.1", "192.0.2.1:5000", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:5000".
std::optional<IpAddress> read_element(std::string_view element) {
    if (element.starts_with('[')) {
        const auto end = element.find(']');
        return end == std::string_view::npos ? std::nullopt
                                             : IpAddress::read(element.substr(1, end - 1));
    }
    const auto colon = element.find(':');
    const bool has_port = colon != std::string_view::npos && colon == element.rfind(':');
    return IpAddress::read(has_port ? element.substr(0, colon) : element);
}

}  // namespace

std::string sender(std::string_view peer,
                   const http::Headers& headers,
                   const TrustedProxies& proxies) {
    const auto is_proxy = [&](const IpAddress& address) {
        return std::ranges::any_of(proxies,
                                   [&](const auto& network) { return network.contains(address); });
    };
    auto address = proxies.empty() ? std::nullopt : IpAddress::read(peer);
    if (!address || !is_proxy(*address)) {
        return std::string(peer);
    }
    auto lines = headers.values("x-forwarded-for");
    while (!lines.empty() && is_proxy(*address)) {
        std::string_view& line = lines.back();
        const auto comma = line.rfind(',');
        const bool is_last = comma == std::string_view::npos;
        const auto heard = read_element(trimmed(is_last ? line : line.substr(comma + 1)));
        if (!heard) {
            break;
        }
        address = heard;
        if (is_last) {
            lines.pop_back();
        } else {
            line = line.substr(0, comma);
        }
    }
    return address->text();
}

}  // namespace server::net
