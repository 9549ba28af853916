#include "cloudsign/identity/text.h"

#include <algorithm>

#include "hsm/protocol/utf8.h"

namespace cloudsign::identity {

Result<void> check_text(std::string_view field,
                        std::string_view text,
                        TextUse use,
                        std::size_t size_max) {
    const auto is_control = [](char character) {
        return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
    };
    const bool missing = use == TextUse::required && text.empty();
    if (missing || text.size() > size_max || std::ranges::any_of(text, is_control) ||
        !hsm::protocol::is_utf8(text)) {
        return Error{ErrorKind::invalid, "Invalid parameter " + std::string(field)};
    }
    return {};
}

Result<void> check_name(std::string_view field, std::string_view text) {
    constexpr std::size_t size_max = 255;
    TRY(check_text(field, text, TextUse::required, size_max));
    if (!hsm::protocol::is_legible(text)) {
        return Error{ErrorKind::invalid,
                     std::string(field) + " has a character that cannot be seen; type it anew"};
    }
    if (hsm::protocol::is_blank(text)) {
        return Error{ErrorKind::invalid, std::string(field) + " is blank"};
    }
    return {};
}

Result<void> check_word(std::string_view field, std::string_view text) {
    constexpr std::size_t size_max = 64;
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    };
    if (text.empty() || text.size() > size_max || !std::ranges::all_of(text, is_plain)) {
        return Error{ErrorKind::invalid,
                     std::string(field) + " must be 1 to 64 of a-z, 0-9, '.', '-' and '_'"};
    }
    return {};
}

}  // namespace cloudsign::identity
