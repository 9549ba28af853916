#include "cloudsign/push/target.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

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

// Lower case, of a list with commas.
std::vector<std::string> hosts_in(std::string_view list) {
    std::vector<std::string> hosts;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        hosts.push_back(lower(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return hosts;
}

bool lists(std::string_view list, const std::string& host) {
    const auto hosts = hosts_in(list);
    return std::ranges::find(hosts, host) != hosts.end();
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
    return Target{std::string(url), host, std::string(parsed->port())};
}

bool is_listed(const std::vector<std::string>& hosts, std::string_view host) {
    return std::ranges::any_of(hosts, [&](std::string_view listed) {
        // With its dot, so that no other name ends in it.
        return listed.starts_with("*.")
                   ? host.size() >= listed.size() && host.ends_with(listed.substr(1))
                   : listed == host;
    });
}

Result<Target> client_target(const store::ClientSettings& settings, std::string_view url) {
    TRY_ASSIGN(auto target, read_target(url, schemes_of(settings)));
    const auto own = read_target(settings.webhook_url, schemes_of(settings));
    if ((!own || own->host != target.host) && !lists(settings.webhook_hosts, target.host)) {
        return wrong("names a host that is not among the client's");
    }
    return target;
}

Result<void> check_targets(const store::ClientSettings& settings) {
    if (!settings.webhook_url.empty()) {
        const auto own = read_target(settings.webhook_url, schemes_of(settings));
        if (!own) {
            return wrong("webhook.url " + own.error().detail);
        }
    }
    for (const auto& host : hosts_in(settings.webhook_hosts)) {
        const auto read = read_target("https://" + host + "/", Scheme::https);
        if (!read || read->host != host) {
            return wrong("webhook.hosts: " + host + " is no host");
        }
    }
    return {};
}

}  // namespace cloudsign::push
