#pragma once

#include <string_view>

#include "cloudsign/error.h"

namespace cloudsign::identity {

enum class TextUse { required, optional };

// Text that will be shown to people: valid UTF-8 of at most `size_max` bytes without control
// characters. `invalid`, naming the field.
Result<void> check_text(std::string_view field,
                        std::string_view text,
                        TextUse use,
                        std::size_t size_max);

// The name of someone or something, by which people tell them apart: check_text(), at most 255
// bytes, legible (hsm::protocol), and not blank.
Result<void> check_name(std::string_view field, std::string_view text);

// A word that may stand in an address: 1 to 64 of a-z, 0-9, '.', '-' and '_'. `invalid`.
Result<void> check_word(std::string_view field, std::string_view text);

}  // namespace cloudsign::identity
