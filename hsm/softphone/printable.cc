#include "hsm/softphone/printable.h"

#include <cstdint>
#include <cstdio>

namespace hsm::softphone {
namespace {

bool changes_display(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
           point == 0x180e || (point >= 0x200b && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) ||
           point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) || point >= 0xe0000;
}

// The size of the UTF-8 sequence that starts with `lead`; 1 for a byte that starts none.
std::size_t sequence_size(unsigned char lead) {
    if (lead >= 0xf0) {
        return 4;
    }
    if (lead >= 0xe0) {
        return 3;
    }
    return lead >= 0xc0 ? 2 : 1;
}

std::uint32_t code_point(std::string_view sequence) {
    auto point = static_cast<std::uint32_t>(static_cast<unsigned char>(sequence.front()));
    if (sequence.size() > 1) {
        point &= 0x7fu >> sequence.size();
    }
    for (const char next : sequence.substr(1)) {
        point = point << 6 | (static_cast<unsigned char>(next) & 0x3fu);
    }
    return point;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto sequence = text.substr(0, sequence_size(static_cast<unsigned char>(text[0])));
        const auto point = code_point(sequence);
        if (changes_display(point)) {
            char escaped[16];
            std::snprintf(escaped, sizeof(escaped), "\\u{%x}", static_cast<unsigned>(point));
            shown += escaped;
        } else {
            shown += sequence;
        }
        text.remove_prefix(sequence.size());
    }
    return shown;
}

}  // namespace hsm::softphone
