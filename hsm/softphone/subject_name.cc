#include "hsm/softphone/subject_name.h"

#include <string>

#include "hsm/base/hex.h"

namespace hsm::softphone {
namespace {

// The parts with every character literal: an escaped character follows 0x01, which stands for
// itself nowhere else, and separators are 0x00 (between parts) and 0x02 (type and value).
std::string normal_form(std::string_view text) {
    std::string out;
    std::size_t trailing = 0;  // unescaped spaces at the end of `out`
    bool at_start = true;
    bool in_value = false;
    const auto literal = [&](char c) {
        if (c >= '\0' && c <= '\2') {
            out += '\1';
        }
        out += c;
        trailing = 0;
        at_start = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && i + 1 < text.size()) {
            const int high = hex_value(text[i + 1]);
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            const bool hex = high >= 0 && low >= 0;
            literal(hex ? static_cast<char>(high << 4 | low) : text[i + 1]);
            i += hex ? 2 : 1;
        } else if (c == ' ') {
            if (!at_start) {
                out += c;
                ++trailing;
            }
        } else if (c == ',' || (c == '=' && !in_value)) {
            out.resize(out.size() - trailing);
            out += c == ',' ? '\0' : '\2';
            in_value = c == '=';
            trailing = 0;
            at_start = true;
        } else {
            literal(c);
        }
    }
    out.resize(out.size() - trailing);
    return out;
}

}  // namespace

bool same_subject(std::string_view a, std::string_view b) {
    return normal_form(a) == normal_form(b);
}

}  // namespace hsm::softphone
