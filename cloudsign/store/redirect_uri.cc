#include "cloudsign/store/redirect_uri.h"

#include <algorithm>
#include <array>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace cloudsign::store {

bool is_redirect_uri(std::string_view uri) {
    constexpr std::size_t size_max = 1024;
    constexpr std::array<std::string_view, 3> own_machine = {"127.0.0.1", "[::1]", "localhost"};
    const auto parsed = boost::urls::parse_uri({uri.data(), uri.size()});
    if (!parsed || uri.size() > size_max || parsed->has_fragment() || parsed->has_userinfo()) {
        return false;
    }
    const auto text = [](boost::core::string_view part) {
        return std::string_view(part.data(), part.size());
    };
    const auto scheme = text(parsed->scheme());
    const auto host = text(parsed->encoded_host());
    if (scheme == "https") {
        return !host.empty();
    }
    if (scheme == "http") {
        return std::ranges::find(own_machine, host) != own_machine.end();
    }
    return scheme.find('.') != std::string_view::npos;
}

}  // namespace cloudsign::store
