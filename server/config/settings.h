#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "server/config/config.h"

namespace server::config {

using Value = toml::node_view<const toml::node>;

// What the value of a key may be, and where it goes. `index` is that of a [[section]], else 0.
struct Kind {
    std::string form;  // "a whole number from 1 to 512"
    // False when the value is not of that form.
    std::function<bool(Value value, Config& config, std::size_t index)> read;
    // As the file would say it; empty when nothing is set.
    std::function<std::string(const Config& config, std::size_t index)> shown;
    // Once the whole file is read; may be empty.
    std::function<void(Config& config, std::size_t index)> finish{};
};

// When a change takes effect.
enum class Takes { restart, reload };

struct Setting {
    std::string_view key;
    Kind kind;
    std::string_view meaning;
    Takes takes = Takes::restart;
    bool required = false;  // in every [[section]] of the name
};

struct Section {
    std::string_view name;
    std::string_view meaning;
    std::vector<Setting> settings;
    // Of a [[section]], which may stand several times.
    std::size_t (*count)(const Config& config) = nullptr;
    void (*add)(Config& config) = nullptr;

    bool repeats() const { return count != nullptr; }
    std::size_t size(const Config& config) const { return repeats() ? count(config) : 1; }
};

// Everything that kyso.toml may hold.
const std::vector<Section>& sections();

}  // namespace server::config
