#include "server/http/request.h"

#include <algorithm>
#include <cctype>

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

bool is_authority(std::string_view text) {
    constexpr std::string_view marks = "-._~%!$&'()*+,;=";  // RFC 3986 §3.2.2, reg-name
    constexpr std::string_view address = "0123456789abcdefABCDEF:.";
    constexpr std::size_t port_max = 65535;
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find_first_not_of(address, 1);
        if (end == std::string_view::npos || text[end] != ']') {
            return false;
        }
        ++end;
    } else {
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                                     marks.find(text[end]) != std::string_view::npos)) {
            ++end;
        }
    }
    if (end == text.size()) {
        return true;
    }
    if (text[end] != ':') {
        return false;
    }
    std::size_t port = 0;
    for (const char digit : text.substr(end + 1)) {
        if (digit < '0' || digit > '9' || port > port_max) {
            return false;
        }
        port = port * 10 + static_cast<std::size_t>(digit - '0');
    }
    return port <= port_max;
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
