#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/http/route.h"

namespace server::http {

// A host name that this server answers to, lower-cased, without port.
struct HostName {
    std::string name;
    Host host;
};

struct Match {
    const Route* route = nullptr;  // null: nothing there, or another method
    PathParameters parameters;
    MethodSet allowed;  // with `route` null and this not empty: 405
};

// Finds the row for a request. Cost: one hash of the path, and for paths of rows with a parameter
// a comparison with each such row.
class Router {
public:
    // `routes` outlives the router. Two rows with the same host, path and method are a bug, as is
    // a host name mapped to Host::admin, which only the admin socket has.
    Router(std::span<const Route> routes, std::span<const HostName> hosts);

    // Host::any when the name is not one of ours: only rows of that class match then.
    Host host_class(std::string_view host) const;

    // The parameters are views into `path`.
    Match match(Host host, Method method, std::string_view path) const;

private:
    struct Pattern {
        std::string_view prefix;
        std::string_view suffix;
        const Route* route;
        bool takes_rest;
    };

    void add_exact(const Route& route);

    std::unordered_map<std::string_view, std::vector<const Route*>> exact_;
    std::vector<Pattern> patterns_;
    std::vector<HostName> hosts_;
};

}  // namespace server::http
