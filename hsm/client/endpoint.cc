#include "hsm/client/endpoint.h"

#include <charconv>
#include <optional>

namespace hsm::client {
namespace {

Result<Endpoint> parse_tcp(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return Status::malformed;
    }
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
        return Status::malformed;
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return Status::malformed;
    }
    return Endpoint(TcpAddress{std::string(host), port});
}

// What follows `scheme`, a path, as an endpoint; nothing when the text begins otherwise.
template <class Path>
std::optional<Result<Endpoint>> parse_path(std::string_view scheme, std::string_view text) {
    if (!text.starts_with(scheme)) {
        return std::nullopt;
    }
    text.remove_prefix(scheme.size());
    if (text.empty()) {
        return Result<Endpoint>(Status::malformed);
    }
    return Result<Endpoint>(Endpoint(Path{std::string(text)}));
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (auto path = parse_path<UnixPath>("unix:", text)) {
        return *std::move(path);
    }
    if (auto path = parse_path<SerialPath>("serial:", text)) {
        return *std::move(path);
    }
    if (auto path = parse_path<FramedUnixPath>("uart+unix:", text)) {
        return *std::move(path);
    }
    if (text.starts_with("tcp:")) {
        return parse_tcp(text.substr(4));
    }
    if (text.find('/') != std::string_view::npos) {
        return Endpoint(UnixPath{std::string(text)});
    }
    return parse_tcp(text);
}

bool is_socket(const Endpoint& endpoint) {
    return std::holds_alternative<UnixPath>(endpoint) ||
           std::holds_alternative<TcpAddress>(endpoint);
}

std::string text_of(const Endpoint& endpoint) {
    if (const auto* address = std::get_if<TcpAddress>(&endpoint)) {
        const bool is_v6 = address->host.find(':') != std::string::npos;
        return "tcp:" + (is_v6 ? "[" + address->host + "]" : address->host) + ":" +
               std::to_string(address->port);
    }
    if (const auto* line = std::get_if<SerialPath>(&endpoint)) {
        return "serial:" + line->path;
    }
    if (const auto* line = std::get_if<FramedUnixPath>(&endpoint)) {
        return "uart+unix:" + line->path;
    }
    return "unix:" + std::get<UnixPath>(endpoint).path;
}

}  // namespace hsm::client
