#include "hsm/softphone/printable.h"

#include <cstdio>

#include "hsm/protocol/utf8.h"

namespace hsm::softphone {
namespace {

std::string escape(std::uint32_t character) {
    char escaped[16];
    std::snprintf(escaped, sizeof(escaped), "\\u{%x}", static_cast<unsigned>(character));
    return escaped;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        auto rest = text;
        const auto character = protocol::take_character(rest);
        if (!character) {
            shown += escape(static_cast<unsigned char>(text.front()));
            rest.remove_prefix(1);
        } else if (protocol::changes_display(*character)) {
            shown += escape(*character);
        } else {
            shown += text.substr(0, text.size() - rest.size());
        }
        text = rest;
    }
    return shown;
}

}  // namespace hsm::softphone
