#include "hsm/softphone/link.h"

#include <algorithm>
#include <curl/curl.h>
#include <memory>

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

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

}  // namespace

bool is_id(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return !text.empty() && text.size() <= 128 &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

Outcome<EnrolmentLink> parse_enrolment_link(const std::string& link) {
    const std::unique_ptr<CURLU, UrlFree> url(curl_url());
    const bool parsed = curl_url_set(url.get(), CURLUPART_URL, link.c_str(), 0) == CURLUE_OK;
    EnrolmentLink found;
    found.rp_id = lower(part(url.get(), CURLUPART_HOST));
    found.invitation = part(url.get(), CURLUPART_FRAGMENT);
    const auto port = part(url.get(), CURLUPART_PORT);
    found.origin = "https://" + found.rp_id + (port.empty() || port == "443" ? "" : ":" + port);
    // An rpId is a domain: WebAuthn knows no passkeys of addresses.
    const bool domain = !found.rp_id.empty() && found.rp_id.front() != '[' &&
                        found.rp_id.find_first_not_of("0123456789.") != std::string::npos;
    if (!parsed || !domain || found.rp_id.size() > protocol::rp_id_size_max ||
        part(url.get(), CURLUPART_SCHEME) != "https" ||
        part(url.get(), CURLUPART_PATH) != "/enrol" || !part(url.get(), CURLUPART_USER).empty() ||
        !is_id(found.invitation)) {
        return Problem{ProblemKind::input,
                       "not an enrolment link; it looks like "
                       "https://approve.example/enrol#invitation"};
    }
    return found;
}

}  // namespace hsm::softphone
