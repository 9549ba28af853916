#include "server/http/router.h"

#include <algorithm>
#include <optional>

#include "hsm/base/check.h"

namespace server::http {
namespace {

constexpr std::size_t parameter_size_max = 128;
constexpr std::string_view parameter_text = "{id}";
constexpr std::string_view rest_text = "{rest}";

constexpr bool unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// A dot segment is not an identifier: RFC 3986 §5.2.4 gives it another meaning.
bool is_parameter(std::string_view text) {
    return !text.empty() && text.size() <= parameter_size_max && text != "." && text != ".." &&
           std::ranges::all_of(text, unreserved);
}

bool hosts_meet(Host row, Host asked) {
    return row == Host::any || row == asked;
}

MethodSet served(const Route& route) {
    return route.methods.contains(Method::get) ? route.methods | Method::head : route.methods;
}

bool collide(const Route& a, const Route& b) {
    const bool same_host = hosts_meet(a.host, b.host) || hosts_meet(b.host, a.host);
    return same_host && served(a).intersects(served(b));
}

bool consider(const Route& route, Host host, Method method, Match& match) {
    if (!hosts_meet(route.host, host)) {
        return false;
    }
    if (served(route).contains(method)) {
        match.route = &route;
        return true;
    }
    match.allowed = match.allowed | served(route);
    return false;
}

}  // namespace

Router::Router(std::span<const Route> routes, std::span<const HostName> hosts)
    : hosts_(hosts.begin(), hosts.end()) {
    for (const HostName& name : hosts_) {
        CHECK(name.host != Host::admin);
    }
    for (const Route& route : routes) {
        CHECK(route.handler != nullptr && !route.methods.empty() && route.path.starts_with('/'));
        if (route.path.ends_with(rest_text)) {
            patterns_.push_back(
                {route.path.substr(0, route.path.size() - rest_text.size()), "", &route, true});
            continue;
        }
        const std::size_t at = route.path.find(parameter_text);
        if (at == std::string_view::npos) {
            add_exact(route);
            continue;
        }
        const std::string_view suffix = route.path.substr(at + parameter_text.size());
        CHECK(route.path[at - 1] == '/' && (suffix.empty() || suffix.front() == '/'));
        for (const Pattern& other : patterns_) {
            CHECK(other.route->path != route.path || !collide(*other.route, route));
        }
        patterns_.push_back({route.path.substr(0, at), suffix, &route, false});
    }
}

void Router::add_exact(const Route& route) {
    std::vector<const Route*>& rows = exact_[route.path];
    for (const Route* other : rows) {
        CHECK(!collide(*other, route));
    }
    rows.push_back(&route);
}

Host Router::host_class(std::string_view host) const {
    for (const HostName& candidate : hosts_) {
        if (candidate.name == host) {
            return candidate.host;
        }
    }
    return Host::any;
}

Match Router::match(Host host, Method method, std::string_view path) const {
    Match match;
    if (const auto rows = exact_.find(path); rows != exact_.end()) {
        for (const Route* route : rows->second) {
            if (consider(*route, host, method, match)) {
                return match;
            }
        }
    }
    for (const Pattern& pattern : patterns_) {
        if (path.size() <= pattern.prefix.size() + pattern.suffix.size() ||
            !path.starts_with(pattern.prefix) || !path.ends_with(pattern.suffix)) {
            continue;
        }
        const std::string_view middle = path.substr(
            pattern.prefix.size(), path.size() - pattern.prefix.size() - pattern.suffix.size());
        if ((pattern.takes_rest || is_parameter(middle)) &&
            consider(*pattern.route, host, method, match)) {
            match.parameters.id = middle;
            return match;
        }
    }
    return match;
}

}  // namespace server::http
