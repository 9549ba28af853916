#include "hsm/client/endpoint.h"

#include <charconv>

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

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with("unix:")) {
        text.remove_prefix(5);
        if (text.empty()) {
            return Status::malformed;
        }
        return Endpoint(UnixPath{std::string(text)});
    }
    if (text.starts_with("tcp:")) {
        return parse_tcp(text.substr(4));
    }
    if (text.find('/') != std::string_view::npos) {
        return Endpoint(UnixPath{std::string(text)});
    }
    return parse_tcp(text);
}

}  // namespace hsm::client
