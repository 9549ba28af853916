#include "server/api/cookie.h"

#include <algorithm>

namespace server::api {

std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name) {
    const auto header = request.headers.find("Cookie");
    auto rest = header.value_or("");
    while (!rest.empty()) {
        auto pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
            return pair.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

}  // namespace server::api
