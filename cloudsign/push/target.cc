#include "cloudsign/push/target.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace cloudsign::push {
namespace {

namespace urls = boost::urls;

constexpr std::size_t url_size_max = 2048;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

bool is_plain_host(std::string_view host) {
    const auto is_plain = [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
               character == '-' || character == '.';
    };
    return !host.empty() && std::ranges::all_of(host, is_plain);
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.begin(), text.end(), port);
    return failed == std::errc() && end == text.end() && port != 0;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char character) {
        return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                                    : character;
    });
    return out;
}

Scheme schemes_of(const store::ClientSettings& settings) {
    return settings.webhook_plain_http ? Scheme::https_or_http : Scheme::https;
}

bool lists(std::string_view hosts, std::string_view host) {
    while (!hosts.empty()) {
        const auto comma = std::min(hosts.find(','), hosts.size());
        if (lower(hosts.substr(0, comma)) == host) {
            return true;
        }
        hosts.remove_prefix(std::min(comma + 1, hosts.size()));
    }
    return false;
}

}  // namespace

Result<Target> read_target(std::string_view url, Scheme allowed) {
    const auto parsed = urls::parse_uri(url);
    if (url.size() > url_size_max || !parsed || !parsed->has_authority()) {
        return wrong("is no absolute URL");
    }
    const auto scheme = parsed->scheme_id();
    const bool plain = scheme == urls::scheme::http && allowed == Scheme::https_or_http;
    if (scheme != urls::scheme::https && !plain) {
        return wrong("must begin with https://");
    }
    if (parsed->has_userinfo() || parsed->has_fragment()) {
        return wrong("must have neither user nor fragment");
    }
    const auto host = lower(std::string(parsed->encoded_host()));
    if (parsed->host_type() != urls::host_type::ipv6 && !is_plain_host(host)) {
        return wrong("names no host");
    }
    if (parsed->has_port() && !is_port(parsed->port())) {
        return wrong("names no port");
    }
    return Target{std::string(url), host};
}

Result<Target> client_target(const store::ClientSettings& settings, std::string_view url) {
    TRY_ASSIGN(auto target, read_target(url, schemes_of(settings)));
    const auto own = read_target(settings.webhook_url, schemes_of(settings));
    if ((!own || own->host != target.host) && !lists(settings.webhook_hosts, target.host)) {
        return wrong("names a host that is not among the client's");
    }
    return target;
}

}  // namespace cloudsign::push
