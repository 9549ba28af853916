#pragma once

#include <string>

#include "hsm/protocol/share.h"

// A share as words for paper: its 46 bytes, two to a word of five letters, consonant, vowel,
// consonant, vowel, consonant, so that it can be read aloud and typed back. Sixteen consonants hold
// four bits, four vowels two. The share's own check finds a slip.
namespace hsm::custodian {

constexpr std::size_t share_word_count = protocol::share_size / 2;
constexpr std::size_t words_in_line = 6;

// In lines of `words_in_line`, each with its number.
std::string share_words(const protocol::ShareBytes& share);

// Of words between spaces, line ends, numbers and dashes, in either case. `malformed` with the
// wrong number of words or one that is none; the caller decodes the share and so its check.
Result<protocol::ShareBytes> read_share_words(std::string_view text);

}  // namespace hsm::custodian
