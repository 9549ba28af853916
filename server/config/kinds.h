#pragma once

#include <algorithm>

#include "server/config/settings.h"

// What the value of a key may be, by the member of Config that it goes to: of a list on the way,
// the element of its [[section]].
namespace server::config {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

// The member that `path` leads to; of a list on the way, the element `index`.
template <auto member, auto... path, class Owner>
auto& part_of(Owner& owner, std::size_t index) {
    auto& part = owner.*member;
    if constexpr (sizeof...(path) == 0) {
        return part;
    } else if constexpr (is_list<std::remove_cvref_t<decltype(part)>>) {
        return part_of<path...>(part[index], index);
    } else {
        return part_of<path...>(part, index);
    }
}

inline std::string quoted(const std::string& text) {
    return text.empty() ? "" : '"' + text + '"';
}

using Check = bool (*)(const std::string& text);

enum class Empty { refused, taken };

template <auto... path>
Kind text(std::string form = "a text in quotes",
          Check is_good = nullptr,
          Empty empty = Empty::refused) {
    return {std::move(form),
            [is_good, empty](Value value, Config& config, std::size_t index) {
                const auto given = value.value_exact<std::string>();
                if (!given || (given->empty() && empty == Empty::refused) ||
                    (!given->empty() && is_good != nullptr && !is_good(*given))) {
                    return false;
                }
                part_of<path...>(config, index) = *given;
                return true;
            },
            [](const Config& config, std::size_t index) {
                return quoted(part_of<path...>(config, index));
            }};
}

// Relative to the folder of kyso.toml.
template <auto... path>
Kind file() {
    auto kind = text<path...>("the path of a file in quotes");
    kind.shown = [](const Config& config, std::size_t index) {
        return quoted(part_of<path...>(config, index).string());
    };
    kind.finish = [](Config& config, std::size_t index) {
        auto& part = part_of<path...>(config, index);
        if (!part.empty()) {
            part = config.data / part;
        }
    };
    return kind;
}

template <auto... path>
Kind whole(std::int64_t min, std::int64_t max) {
    return {"a whole number from " + std::to_string(min) + " to " + std::to_string(max),
            [min, max](Value value, Config& config, std::size_t index) {
                const auto given = value.value_exact<std::int64_t>();
                if (!given || *given < min || *given > max) {
                    return false;
                }
                auto& part = part_of<path...>(config, index);
                part = static_cast<std::remove_cvref_t<decltype(part)>>(*given);
                return true;
            },
            [](const Config& config, std::size_t index) {
                return std::to_string(part_of<path...>(config, index));
            }};
}

template <auto... path>
Kind seconds(std::int64_t min, std::int64_t max) {
    return {"a whole number from " + std::to_string(min) + " to " + std::to_string(max),
            [min, max](Value value, Config& config, std::size_t index) {
                const auto given = value.value_exact<std::int64_t>();
                if (!given || *given < min || *given > max) {
                    return false;
                }
                part_of<path...>(config, index) = std::chrono::seconds(*given);
                return true;
            },
            [](const Config& config, std::size_t index) {
                return std::to_string(part_of<path...>(config, index).count());
            }};
}

template <auto... path>
Kind flag() {
    return {"true or false",
            [](Value value, Config& config, std::size_t index) {
                const auto given = value.value_exact<bool>();
                if (given) {
                    part_of<path...>(config, index) = *given;
                }
                return given.has_value();
            },
            [](const Config& config, std::size_t index) {
                return std::string(part_of<path...>(config, index) ? "true" : "false");
            }};
}

// The names stand in the order of the enumeration's values.
template <auto... path>
Kind choice(std::vector<std::string> names) {
    std::string form = "\"" + names.front() + "\"";
    for (std::size_t i = 1; i < names.size(); ++i) {
        form += (i + 1 < names.size() ? ", \"" : " or \"") + names[i] + "\"";
    }
    return {std::move(form),
            [names](Value value, Config& config, std::size_t index) {
                const auto found =
                    std::ranges::find(names, value.value_exact<std::string>().value_or(""));
                if (found == names.end()) {
                    return false;
                }
                auto& part = part_of<path...>(config, index);
                part = static_cast<std::remove_cvref_t<decltype(part)>>(found - names.begin());
                return true;
            },
            [names](const Config& config, std::size_t index) {
                return quoted(names[static_cast<std::size_t>(part_of<path...>(config, index))]);
            }};
}

template <auto... path>
Kind list(std::string form, Empty empty, Check is_good = nullptr) {
    return {std::move(form),
            [empty, is_good](Value value, Config& config, std::size_t index) {
                const auto* given = value.as_array();
                if (given == nullptr || (given->empty() && empty == Empty::refused)) {
                    return false;
                }
                auto& part = part_of<path...>(config, index);
                part.clear();
                for (const auto& item : *given) {
                    part.push_back(item.value_exact<std::string>().value_or(""));
                }
                return std::ranges::all_of(part, [is_good](const std::string& one) {
                    return !one.empty() && (is_good == nullptr || is_good(one));
                });
            },
            [](const Config& config, std::size_t index) {
                std::string shown;
                for (const auto& one : part_of<path...>(config, index)) {
                    shown += (shown.empty() ? "" : ", ") + quoted(one);
                }
                return "[" + shown + "]";
            }};
}

}  // namespace server::config
