#include "server/http/headers.h"

#include <algorithm>

namespace server::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool Headers::add(std::string_view name, std::string_view value) {
    if (fields_.size() == count_max) {
        return false;
    }
    if (fields_.empty()) {
        text_.reserve(512);
        fields_.reserve(12);
    }
    fields_.push_back({static_cast<std::uint32_t>(text_.size()),
                       static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
    return true;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const Field& field : fields_) {
        if (equal_ignoring_case(name_of(field), name)) {
            return value_of(field);
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> Headers::values(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const Field& field : fields_) {
        if (equal_ignoring_case(name_of(field), name)) {
            values.push_back(value_of(field));
        }
    }
    return values;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields_, [&](const Field& field) { return equal_ignoring_case(name_of(field), name); }));
}

void Headers::clear() {
    text_ = {};
    fields_ = {};
}

}  // namespace server::http
