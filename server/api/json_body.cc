#include "server/api/json_body.h"

#include <set>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include "cloudsign/base64.h"

namespace server::api {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::Result;

Error wrong(std::string_view name, std::string_view rule) {
    return {ErrorKind::invalid, std::string(name) + " " + std::string(rule)};
}

// Boost.JSON keeps the last of two members with one name: what a check saw and what is used could
// differ. Members are counted while parsing instead.
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

bool has_unique_names(const std::string& text) {
    json::parse_options options;
    options.max_depth = 16;
    json::basic_parser<Counter> parser(options);
    json::error_code error;
    parser.write_some(false, text.data(), text.size(), error);
    return !error;
}

}  // namespace

Result<json::object> read_json(const http::Request& request) {
    if (!request.body.empty() && !request.has_content_type("application/json")) {
        return wrong("Content-Type", "must be application/json");
    }
    json::parse_options options;
    options.max_depth = 16;
    json::error_code error;
    auto value = json::parse(request.body, error, {}, options);
    if (error || !value.is_object()) {
        return wrong("the body", "must be one JSON object");
    }
    if (!has_unique_names(request.body)) {
        return wrong("the body", "has a member twice");
    }
    return std::move(value.get_object());
}

Result<std::string> optional_text_member(const json::object& object,
                                         std::string_view name,
                                         std::size_t size_max) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) {
        return std::string();
    }
    if (!value->is_string() || value->get_string().size() > size_max) {
        return wrong(name, "must be a string of at most " + std::to_string(size_max) + " bytes");
    }
    return std::string(value->get_string());
}

Result<std::string> text_member(const json::object& object,
                                std::string_view name,
                                std::size_t size_max) {
    TRY_ASSIGN(auto text, optional_text_member(object, name, size_max));
    if (text.empty()) {
        return wrong(name, "is missing or empty");
    }
    return text;
}

Result<bool> bool_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_bool()) {
        return wrong(name, "must be true or false");
    }
    return value->get_bool();
}

Result<cloudsign::Bytes> bytes_member(const json::object& object,
                                      std::string_view name,
                                      std::size_t size_max) {
    TRY_ASSIGN(auto text, text_member(object, name, 2 * size_max + 4));
    auto bytes = cloudsign::from_base64url(text);
    if (!bytes || bytes->empty() || bytes->size() > size_max) {
        return wrong(
            name,
            "must be base64url without padding, at most " + std::to_string(size_max) + " bytes");
    }
    return *std::move(bytes);
}

}  // namespace server::api
