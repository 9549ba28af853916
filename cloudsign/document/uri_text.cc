#include "cloudsign/document/uri_text.h"

namespace cloudsign::document {

std::string uri_of(std::string_view name) {
    constexpr std::string_view kept =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string uri;
    for (const char letter : name) {
        const auto byte = static_cast<unsigned char>(letter);
        if (kept.find(letter) != kept.npos) {
            uri += letter;
        } else {
            uri += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return uri.empty() ? "document" : uri;
}

}  // namespace cloudsign::document
