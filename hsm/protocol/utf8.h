#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hsm::protocol {

// RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// Takes one character off the front of `text`, which is not empty; nothing, and `text` as it was,
// where no UTF-8 character begins.
std::optional<std::uint32_t> take_character(std::string_view& text);

// Whether a character shows nothing itself, or moves or hides what stands beside it: controls,
// direction marks, characters of no width, fillers, tags.
bool changes_display(std::uint32_t character);

// UTF-8 in which no character changes the display.
bool is_legible(std::string_view text);

// Nothing but spaces, of whatever width (Unicode's White_Space above the controls).
bool is_blank(std::string_view text);

}  // namespace hsm::protocol
