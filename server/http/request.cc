#include "server/http/request.h"

#include <algorithm>

namespace server::http {

std::optional<AccessToken> Request::access_token() const {
    if (headers.count("authorization") != 1) {
        return std::nullopt;
    }
    std::string_view value = *headers.find("authorization");
    const auto space = std::min(value.find(' '), value.size());
    const auto scheme = value.substr(0, space);
    value.remove_prefix(space);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (value.empty()) {
        return std::nullopt;
    }
    if (equal_ignoring_case(scheme, "Bearer")) {
        return AccessToken{AccessToken::Scheme::bearer, value};
    }
    if (equal_ignoring_case(scheme, "DPoP")) {
        return AccessToken{AccessToken::Scheme::dpop, value};
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::bearer() const {
    const auto presented = access_token();
    if (!presented || presented->scheme != AccessToken::Scheme::bearer) {
        return std::nullopt;
    }
    return presented->token;
}

bool Request::has_content_type(std::string_view type) const {
    const auto value = headers.find("content-type");
    if (!value) {
        return false;
    }
    std::string_view essence = value->substr(0, value->find(';'));
    while (essence.ends_with(' ') || essence.ends_with('\t')) {
        essence.remove_suffix(1);
    }
    return equal_ignoring_case(essence, type);
}

std::string host_of(std::string_view authority) {
    const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
    const std::size_t from = bracket == std::string_view::npos ? 0 : bracket;
    std::string host(authority.substr(0, authority.find(':', from)));
    for (char& c : host) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return host;
}

}  // namespace server::http
