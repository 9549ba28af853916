#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace server::cli {

// One of a list of words, whatever their case; said as a list when it is another. CLI11's own
// transformers also take the numbers behind the words, and say them.
template <class T>
CLI::Validator word_of(const std::vector<std::pair<std::string, T>>& words) {
    std::string list;
    for (const auto& [word, value] : words) {
        list += (list.empty() ? "" : "|") + word;
    }
    const auto choose = [words, list](std::string& given) -> std::string {
        for (const auto& [word, value] : words) {
            if (CLI::detail::to_lower(given) == CLI::detail::to_lower(word)) {
                given = std::to_string(static_cast<int>(value));
                return {};
            }
        }
        return "\"" + given + "\" is none of " + list;
    };
    return CLI::Validator(choose, list);
}

}  // namespace server::cli
