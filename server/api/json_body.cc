#include "server/api/json_body.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/strict_json.h"

namespace server::api {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::Result;

Error wrong(std::string_view name, std::string_view rule) {
    return {ErrorKind::invalid, std::string(name) + " " + std::string(rule)};
}

}  // namespace

Result<json::object> read_json(const http::Request& request) {
    if (!request.body.empty() && !request.has_content_type("application/json")) {
        return wrong("Content-Type", "must be application/json");
    }
    auto object = cloudsign::parse_strict_json(request.body);
    if (!object) {
        return wrong("the body", object.error().detail);
    }
    return object;
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

Result<hsm::Digest> digest_member(const json::object& object, std::string_view name) {
    hsm::Digest digest{};
    TRY_ASSIGN(auto bytes, bytes_member(object, name, digest.size()));
    if (bytes.size() != digest.size()) {
        return wrong(name, "must be 32 bytes");
    }
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

}  // namespace server::api
