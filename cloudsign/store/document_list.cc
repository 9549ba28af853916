#include <boost/json.hpp>

#include "cloudsign/store/cell.h"

namespace cloudsign::store {

namespace json = boost::json;

void Codec<std::vector<Document>>::encode(const std::vector<Document>& value, TextCell& cell) {
    json::array list;
    list.reserve(value.size());
    for (const auto& document : value) {
        list.push_back(json::object{{"hash", base64url(document.hash)}, {"label", document.label}});
    }
    cell.value = json::serialize(list);
}

bool Codec<std::vector<Document>>::decode(const TextCell& cell, std::vector<Document>& value) {
    std::array<unsigned char, 4096> scratch;
    json::monotonic_resource memory(scratch.data(), scratch.size());
    json::error_code failed;
    const json::value parsed = json::parse(cell.value, failed, &memory);
    if (failed || !parsed.is_array()) {
        return false;
    }
    value.clear();
    value.reserve(parsed.get_array().size());
    for (const auto& item : parsed.get_array()) {
        const auto* object = item.if_object();
        const auto* hash = object != nullptr ? object->if_contains("hash") : nullptr;
        const auto* label = object != nullptr ? object->if_contains("label") : nullptr;
        if (hash == nullptr || label == nullptr || !hash->is_string() || !label->is_string()) {
            return false;
        }
        auto bytes = from_base64url(std::string_view(hash->get_string()));
        if (!bytes) {
            return false;
        }
        value.push_back({*std::move(bytes), std::string(label->get_string())});
    }
    return true;
}

}  // namespace cloudsign::store
