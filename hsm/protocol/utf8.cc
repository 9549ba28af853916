#include "hsm/protocol/utf8.h"

#include <algorithm>
#include <span>

namespace hsm::protocol {
namespace {

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

bool is_in(std::span<const Range> ranges, std::uint32_t character) {
    return std::ranges::any_of(ranges, [&](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

}  // namespace

std::optional<std::uint32_t> take_character(std::string_view& text) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    const std::size_t following = lead < 0x80             ? 0
                                  : (lead & 0xe0) == 0xc0 ? 1
                                  : (lead & 0xf0) == 0xe0 ? 2
                                  : (lead & 0xf8) == 0xf0 ? 3
                                                          : 4;
    if (following == 4 || text.size() <= following) {
        return std::nullopt;
    }
    std::uint32_t character = following == 0 ? lead : lead & (0x3fu >> following);
    for (std::size_t i = 1; i <= following; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xc0) != 0x80) {
            return std::nullopt;
        }
        character = character << 6 | (byte & 0x3fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0x80, 0x800, 0x1'0000};
    if (character < smallest[following] || character > 0x10'ffff ||
        (character >= 0xd800 && character <= 0xdfff)) {
        return std::nullopt;
    }
    text.remove_prefix(1 + following);
    return character;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (!take_character(text)) {
            return false;
        }
    }
    return true;
}

bool changes_display(std::uint32_t character) {
    constexpr Range ranges[] = {
        {0x00, 0x1f},         // C0 controls
        {0x7f, 0x9f},         // DEL, C1 controls
        {0xad, 0xad},         // soft hyphen
        {0x34f, 0x34f},       // combining grapheme joiner
        {0x61c, 0x61c},       // Arabic letter mark
        {0x115f, 0x1160},     // Hangul fillers
        {0x180e, 0x180e},     // Mongolian vowel separator
        {0x200b, 0x200f},     // no width, joiners, direction marks
        {0x2028, 0x202e},     // separators, embeddings and overrides
        {0x2060, 0x206f},     // word joiner, isolates
        {0x2800, 0x2800},     // Braille blank
        {0x3164, 0x3164},     // Hangul filler
        {0xfeff, 0xfeff},     // byte order mark
        {0xffa0, 0xffa0},     // half-width Hangul filler
        {0xfff9, 0xfffb},     // interlinear annotation
        {0xe0000, 0x10ffff},  // tags, private use
    };
    return is_in(ranges, character);
}

bool is_legible(std::string_view text) {
    while (!text.empty()) {
        const auto character = take_character(text);
        if (!character || changes_display(*character)) {
            return false;
        }
    }
    return true;
}

bool is_blank(std::string_view text) {
    constexpr Range spaces[] = {{0x20, 0x20},
                                {0xa0, 0xa0},
                                {0x1680, 0x1680},
                                {0x2000, 0x200a},
                                {0x202f, 0x202f},
                                {0x205f, 0x205f},
                                {0x3000, 0x3000}};
    while (!text.empty()) {
        const auto character = take_character(text);
        if (!character || !is_in(spaces, *character)) {
            return false;
        }
    }
    return true;
}

}  // namespace hsm::protocol
