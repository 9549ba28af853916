#include "cloudsign/credential/issuance_payload.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"

namespace cloudsign::credential {
namespace {

namespace json = boost::json;

Error broken() {
    return {ErrorKind::internal, "the transaction's payload cannot be read"};
}

Result<Bytes> member_bytes(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        return broken();
    }
    auto bytes = from_base64url(value->get_string());
    if (!bytes) {
        return broken();
    }
    return *std::move(bytes);
}

}  // namespace

std::string write_issuance(const std::vector<IssuanceEntry>& entries) {
    json::array certificates;
    for (const auto& entry : entries) {
        json::object written{{"credential_id", entry.credential_id}, {"tbs", base64url(entry.tbs)}};
        if (!entry.renews.empty()) {
            written["renews"] = entry.renews;
            written["supersedes"] = entry.supersedes;
        }
        certificates.push_back(std::move(written));
    }
    return json::serialize(json::object{{"certificates", std::move(certificates)}});
}

Result<std::vector<IssuanceEntry>> read_issuance(const std::string& payload) {
    json::error_code error;
    const auto value = json::parse(payload, error);
    const auto* object = value.if_object();
    const auto* list = object != nullptr ? object->if_contains("certificates") : nullptr;
    if (error || list == nullptr || !list->is_array()) {
        return broken();
    }
    std::vector<IssuanceEntry> entries;
    for (const auto& item : list->get_array()) {
        const auto* entry = item.if_object();
        const auto* id = entry != nullptr ? entry->if_contains("credential_id") : nullptr;
        if (id == nullptr || !id->is_string()) {
            return broken();
        }
        TRY_ASSIGN(auto tbs, member_bytes(*entry, "tbs"));
        IssuanceEntry read{std::string(id->get_string()), std::move(tbs)};
        if (const auto* renews = entry->if_contains("renews")) {
            const auto* supersedes = entry->if_contains("supersedes");
            if (!renews->is_string() || supersedes == nullptr || !supersedes->is_bool()) {
                return broken();
            }
            read.renews = renews->get_string();
            read.supersedes = supersedes->get_bool();
        }
        entries.push_back(std::move(read));
    }
    return entries;
}

std::string write_binding(const Bytes& statement) {
    return json::serialize(json::object{{"statement", base64url(statement)}});
}

Result<Bytes> read_binding(const std::string& payload) {
    json::error_code error;
    const auto value = json::parse(payload, error);
    if (error || !value.is_object()) {
        return broken();
    }
    return member_bytes(value.get_object(), "statement");
}

}  // namespace cloudsign::credential
