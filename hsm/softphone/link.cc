#include "hsm/softphone/link.h"

#include <algorithm>
#include <curl/curl.h>
#include <memory>
#include <optional>

#include "hsm/openssl/base64.h"
#include "hsm/protocol/types.h"

namespace hsm::softphone {
namespace {

struct UrlFree {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) {
        return {};
    }
    std::string copy = text;
    curl_free(text);
    return copy;
}

// A link to the approve app, whose argument stands behind the '#'.
struct AppLink {
    std::string host;    // lower case
    std::string origin;  // as a browser writes it: no port 443
    std::string fragment;
};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::optional<AppLink> parse_link(const std::string& link, std::string_view path) {
    const std::unique_ptr<CURLU, UrlFree> url(curl_url());
    const bool parsed = curl_url_set(url.get(), CURLUPART_URL, link.c_str(), 0) == CURLUE_OK;
    AppLink found;
    found.host = lower(part(url.get(), CURLUPART_HOST));
    found.fragment = part(url.get(), CURLUPART_FRAGMENT);
    const auto port = part(url.get(), CURLUPART_PORT);
    found.origin = "https://" + found.host + (port.empty() || port == "443" ? "" : ":" + port);
    // An rpId is a domain: WebAuthn knows no passkeys of addresses.
    const bool domain = !found.host.empty() && found.host.front() != '[' &&
                        found.host.find_first_not_of("0123456789.") != std::string::npos;
    if (!parsed || !domain || found.host.size() > protocol::rp_id_size_max ||
        part(url.get(), CURLUPART_SCHEME) != "https" || part(url.get(), CURLUPART_PATH) != path ||
        !part(url.get(), CURLUPART_USER).empty()) {
        return std::nullopt;
    }
    return found;
}

}  // namespace

bool is_id(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return !text.empty() && text.size() <= 128 &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

Outcome<EnrolmentLink> parse_enrolment_link(const std::string& link) {
    auto found = parse_link(link, "/enrol");
    if (!found || !is_id(found->fragment)) {
        return Problem{ProblemKind::input,
                       "not an enrolment link; it looks like "
                       "https://approve.example/enrol#invitation"};
    }
    return EnrolmentLink{
        std::move(found->host), std::move(found->origin), std::move(found->fragment)};
}

Outcome<OfficerLink> parse_officer_link(const std::string& link) {
    auto found = parse_link(link, "/officer");
    if (!found || !is_id(found->fragment)) {
        return Problem{ProblemKind::input,
                       "not an officer's link; it looks like "
                       "https://approve.example/officer#secret"};
    }
    return OfficerLink{std::move(found->origin), std::move(found->fragment)};
}

Outcome<StartLink> parse_start_link(const std::string& link) {
    auto found = parse_link(link, "/start");
    // An id and a MAC, with a dot between.
    const auto dot = found ? found->fragment.find('.') : std::string::npos;
    if (dot == std::string::npos || !is_id(found->fragment.substr(0, dot)) ||
        !is_id(found->fragment.substr(dot + 1))) {
        return Problem{ProblemKind::input,
                       "not the link of a QR code; it looks like "
                       "https://approve.example/start#token"};
    }
    return StartLink{std::move(found->origin), std::move(found->fragment)};
}

Outcome<MoveLink> parse_move_link(const std::string& link) {
    auto found = parse_link(link, "/move");
    const auto bytes = found ? from_base64url(found->fragment) : std::nullopt;
    MoveLink move;
    if (!bytes || bytes->size() != move.thumbprint.size()) {
        return Problem{ProblemKind::input,
                       "not the link of a new phone; it looks like "
                       "https://approve.example/move#thumbprint"};
    }
    std::ranges::copy(*bytes, move.thumbprint.begin());
    move.origin = std::move(found->origin);
    return move;
}

Outcome<ServerAddress> parse_server(const std::string& address) {
    auto found = parse_link(address, "/");
    if (!found || !found->fragment.empty()) {
        return Problem{ProblemKind::input, "not an address like https://approve.example"};
    }
    return ServerAddress{std::move(found->host), std::move(found->origin)};
}

// Crockford's base32: O is read as 0, I and L as 1.
Outcome<std::string> parse_short_code(std::string_view typed) {
    constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    constexpr std::size_t digits_needed = 12;
    constexpr std::size_t group = 4;
    std::string plain;
    for (char c : typed) {
        if (c == '-' || c == ' ') {
            continue;
        }
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (digits.find(c) == std::string_view::npos || plain.size() == digits_needed) {
            plain.clear();
            break;
        }
        plain += c;
    }
    if (plain.size() != digits_needed) {
        return Problem{ProblemKind::input, "not a short code; it looks like 1A2B-3C4D-5E6F"};
    }
    return plain.substr(0, group) + "-" + plain.substr(group, group) + "-" +
           plain.substr(2 * group);
}

}  // namespace hsm::softphone
