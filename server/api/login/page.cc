#include "server/api/login/page.h"

#include "server/api/login/texts.h"

namespace server::api::login {
namespace {

// WebAuthn, images and requests to this host; nothing inline, nothing framed, nothing from strings.
constexpr std::string_view security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    html.reserve(text.size());
    for (const auto c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

http::Response page(unsigned status,
                    PageLanguage language,
                    std::string_view title,
                    std::string_view content,
                    const PageData& data) {
    const auto& texts = texts_in(language);
    std::string attributes;
    for (const auto& [name, value] : data) {
        attributes += " data-" + std::string(name) + "=\"" + escaped(value) + "\"";
    }
    http::Response response;
    response.status = status;
    response.content_type = "text/html; charset=utf-8";
    response.body = "<!doctype html>\n<html lang=\"" + std::string(texts.language_tag) +
                    "\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<meta name=\"color-scheme\" content=\"light dark\"><title>" +
                    escaped(title) +
                    " – Kyso</title><link rel=\"stylesheet\" href=\"/assets/login.css\">"
                    "<script src=\"/assets/login.js\" defer></script></head><body><main" +
                    attributes + "><h1>" + escaped(title) + "</h1>" + std::string(content) +
                    "<p id=\"message\" role=\"alert\"></p><noscript><p>" +
                    escaped(texts.needs_script) + "</p></noscript></main></body></html>\n";
    response.with("Content-Security-Policy", security_policy)
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Opener-Policy", "same-origin")
        .with("X-Frame-Options", "DENY");
    return response;
}

http::Response failure_page(unsigned status, PageLanguage language, std::string_view reason) {
    const auto& texts = texts_in(language);
    return page(
        status,
        language,
        texts.failure_title,
        "<p>" + escaped(texts.failure) + "</p><p class=\"reason\">" + escaped(reason) + "</p>");
}

}  // namespace server::api::login
