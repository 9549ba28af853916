#include "cloudsign/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

namespace cloudsign {
namespace {

namespace json = boost::json;

struct Counter {
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
        names.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, json::error_code&) {
        names.pop_back();
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t, json::error_code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        key.append(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code& error) {
        key.append(part);
        const bool fresh = names.back().insert(std::move(key)).second;
        key.clear();
        if (!fresh) {
            error = json::error::not_exact;
        }
        return fresh;
    }
    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
    bool on_double(double, json::string_view, json::error_code&) { return true; }
    bool on_bool(bool, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    std::vector<std::set<std::string, std::less<>>> names;
    std::string key;
};

bool has_unique_names(std::string_view text) {
    json::parse_options options;
    options.max_depth = 16;
    json::basic_parser<Counter> parser(options);
    json::error_code error;
    parser.write_some(false, text.data(), text.size(), error);
    return !error;
}

Result<json::value> parse(std::string_view text, json::kind kind) {
    json::parse_options options;
    options.max_depth = 16;
    json::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error || value.kind() != kind) {
        return Error{ErrorKind::invalid, "must be one JSON " + std::string(json::to_string(kind))};
    }
    if (!has_unique_names(text)) {
        return Error{ErrorKind::invalid, "has a member twice"};
    }
    return value;
}

}  // namespace

Result<json::object> parse_strict_json(std::string_view text) {
    TRY_ASSIGN(auto value, parse(text, json::kind::object));
    return std::move(value.get_object());
}

Result<json::array> parse_strict_json_array(std::string_view text) {
    TRY_ASSIGN(auto value, parse(text, json::kind::array));
    return std::move(value.get_array());
}

std::optional<std::string_view> string_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        return std::nullopt;
    }
    return std::string_view(value->get_string());
}

std::optional<std::int64_t> whole_number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) {
        return std::nullopt;
    }
    return value->get_int64();
}

}  // namespace cloudsign
