#include "hsm/softphone/link.h"

#include <algorithm>
#include <curl/curl.h>
#include <memory>
#include <optional>

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

}  // namespace hsm::softphone
