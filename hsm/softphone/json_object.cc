#include "hsm/softphone/json_object.h"

#include <boost/json.hpp>

namespace hsm::softphone {

namespace json = boost::json;

JsonObject::JsonObject(const json::object& object, std::string path, ProblemKind kind)
    : object_(&object), path_(std::move(path)), kind_(kind) {}

Outcome<JsonObject> JsonObject::of(const json::value& value, std::string path, ProblemKind kind) {
    const auto* object = value.if_object();
    if (object == nullptr) {
        return Problem{kind, path + " is not a JSON object"};
    }
    return JsonObject(*object, std::move(path), kind);
}

Problem JsonObject::wrong(std::string_view name, std::string_view what) const {
    return {kind_, path_ + "." + std::string(name) + " " + std::string(what)};
}

bool JsonObject::has(std::string_view name) const {
    const auto* value = object_->if_contains(name);
    return value != nullptr && !value->is_null();
}

Outcome<const json::value*> JsonObject::member(std::string_view name) const {
    const auto* value = object_->if_contains(name);
    if (value == nullptr) {
        return wrong(name, "is missing");
    }
    return value;
}

Outcome<std::string> JsonObject::text(std::string_view name) const {
    TRY_ASSIGN(const auto* value, member(name));
    if (!value->is_string()) {
        return wrong(name, "is not a text");
    }
    return std::string(value->get_string());
}

Outcome<bool> JsonObject::flag(std::string_view name) const {
    TRY_ASSIGN(const auto* value, member(name));
    if (!value->is_bool()) {
        return wrong(name, "is not true or false");
    }
    return value->get_bool();
}

Outcome<std::uint64_t> JsonObject::number(std::string_view name, std::uint64_t max) const {
    TRY_ASSIGN(const auto* value, member(name));
    json::error_code error;
    // Refuses fractions and what is negative.
    const auto number = value->is_double() ? max + 1 : value->to_number<std::uint64_t>(error);
    if (error || number > max) {
        return wrong(name, "is not a whole number within its limits");
    }
    return number;
}

Outcome<Bytes> JsonObject::bytes(std::string_view name) const {
    TRY_ASSIGN(auto encoded, text(name));
    auto bytes = from_base64url(encoded);
    if (!bytes) {
        return wrong(name, "is not base64url");
    }
    return *std::move(bytes);
}

Outcome<Digest> JsonObject::digest(std::string_view name) const {
    TRY_ASSIGN(auto decoded, bytes(name));
    Digest digest{};
    if (decoded.size() != digest.size()) {
        return wrong(name, "is not 32 bytes long");
    }
    std::ranges::copy(decoded, digest.begin());
    return digest;
}

Outcome<const json::array*> JsonObject::list(std::string_view name) const {
    TRY_ASSIGN(const auto* value, member(name));
    if (!value->is_array()) {
        return wrong(name, "is not a list");
    }
    return &value->get_array();
}

Outcome<JsonObject> JsonObject::object(std::string_view name) const {
    TRY_ASSIGN(const auto* value, member(name));
    return of(*value, path_ + "." + std::string(name), kind_);
}

}  // namespace hsm::softphone
