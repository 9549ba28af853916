#include "hsm/custodian/share_words.h"

#include <optional>

namespace hsm::custodian {
namespace {

constexpr std::string_view consonants = "bdfghjklmnprstvz";
constexpr std::string_view vowels = "aiou";
constexpr std::size_t letters_in_word = 5;
static_assert(consonants.size() == 16 && vowels.size() == 4 && protocol::share_size % 2 == 0);

// From the most significant bits: four, two, four, two, four.
std::string word_of(unsigned value) {
    return {consonants[value >> 12 & 15],
            vowels[value >> 10 & 3],
            consonants[value >> 6 & 15],
            vowels[value >> 4 & 3],
            consonants[value & 15]};
}

std::optional<unsigned> value_of(std::string_view word) {
    if (word.size() != letters_in_word) {
        return std::nullopt;
    }
    unsigned value = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const auto letters = i % 2 == 0 ? consonants : vowels;
        const auto at = letters.find(word[i]);
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        value = value << (i % 2 == 0 ? 4 : 2) | static_cast<unsigned>(at);
    }
    return value;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_separator(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-' || c == '.' ||
           (c >= '0' && c <= '9');
}

}  // namespace

std::string share_words(const protocol::ShareBytes& share) {
    const auto bytes = share.reveal();
    CHECK(bytes.size() == protocol::share_size);
    std::string text;
    for (std::size_t i = 0; i < share_word_count; ++i) {
        if (i % words_in_line == 0) {
            const auto number = std::to_string(i + 1);
            text += (i == 0 ? "" : "\n") + std::string(2 - number.size(), ' ') + number + " ";
        }
        text += " " + word_of(bytes[2 * i] * 256u + bytes[2 * i + 1]);
    }
    text += "\n";
    return text;
}

Result<protocol::ShareBytes> read_share_words(std::string_view text) {
    protocol::ShareBytes share;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_separator(text[at])) {
            ++at;
            continue;
        }
        std::array<char, letters_in_word> word{};
        std::size_t size = 0;
        for (; at < text.size() && is_letter(text[at]); ++at, ++size) {
            if (size == word.size()) {
                return Status::malformed;
            }
            word[size] = static_cast<char>(text[at] | 0x20);
        }
        const auto value = value_of({word.data(), size});
        if (!value || count == share_word_count) {
            return Status::malformed;
        }
        share.storage()[2 * count] = static_cast<Byte>(*value >> 8);
        share.storage()[2 * count + 1] = static_cast<Byte>(*value);
        ++count;
    }
    if (count != share_word_count) {
        return Status::malformed;
    }
    share.resize(protocol::share_size);
    return share;
}

}  // namespace hsm::custodian
