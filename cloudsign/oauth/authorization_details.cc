#include "cloudsign/oauth/authorization_details.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/strict_json.h"
#include "hsm/protocol/types.h"

namespace cloudsign::oauth {
namespace {

namespace json = boost::json;

constexpr std::size_t label_size_max = 255;
constexpr std::size_t text_size_max = 255;

AuthorizationError wrong(std::string_view member) {
    return {"invalid_authorization_details",
            "Invalid parameter " + std::string(member) + " in authorization_details"};
}

using Members = std::span<const std::string_view>;

constexpr std::array<std::string_view, 7> members_known = {"type",
                                                           "credentialID",
                                                           "signatureQualifier",
                                                           "documentDigests",
                                                           "hashAlgorithmOID",
                                                           "numSignatures",
                                                           "locations"};
constexpr std::array<std::string_view, 4> digest_members_known = {
    "hash", "label", "hashType", "circumstantialData"};
constexpr std::array<std::string_view, 3> hash_types = {"SODR", "SDR", "DTBSR"};

bool contains(Members known, std::string_view name) {
    return std::ranges::find(known, name) != known.end();
}

Authorized<void> check_members(const json::object& object, Members known) {
    for (const auto& member : object) {
        if (!contains(known, member.key())) {
            return wrong(member.key());
        }
    }
    return {};
}

Authorized<std::optional<std::string>> optional_text(const json::object& object,
                                                     std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) {
        return std::optional<std::string>();
    }
    if (!value->is_string() || value->get_string().empty() ||
        value->get_string().size() > text_size_max) {
        return wrong(name);
    }
    return std::optional<std::string>(value->get_string());
}

Authorized<void> read_digest(const json::value& value, SigningWish& wish) {
    if (!value.is_object()) {
        return wrong("documentDigests");
    }
    const auto& object = value.get_object();
    TRY(check_members(object, digest_members_known));
    TRY_ASSIGN(auto text, optional_text(object, "hash"));
    auto hash = text ? read_hash(*text) : std::nullopt;
    if (!hash) {
        return wrong("hash");
    }
    TRY_ASSIGN(auto type, optional_text(object, "hashType"));
    if (type && !contains(hash_types, *type)) {
        return wrong("hashType");
    }
    const auto* label = object.if_contains("label");
    if (label != nullptr && (!label->is_string() || label->get_string().size() > label_size_max)) {
        return wrong("label");
    }
    wish.hashes.push_back(*std::move(hash));
    wish.labels.emplace_back(label != nullptr ? std::string(label->get_string()) : "");
    return {};
}

Authorized<void> read_count(const json::object& object, SigningWish& wish) {
    const auto* count = object.if_contains("numSignatures");
    if (count == nullptr) {
        wish.signature_count = static_cast<std::int64_t>(wish.hashes.size());
        return {};
    }
    if (!count->is_int64()) {
        return wrong("numSignatures");
    }
    wish.signature_count = count->get_int64();
    return {};
}

}  // namespace

std::optional<Bytes> read_hash(std::string_view text) {
    // The two alphabets meet in one request: what counts is the bytes.
    std::string plain(text);
    std::ranges::replace(plain, '+', '-');
    std::ranges::replace(plain, '/', '_');
    constexpr std::size_t quantum = 4;
    if (plain.size() % quantum == 0) {
        for (int padding = 0; padding < 2 && plain.ends_with('='); ++padding) {
            plain.pop_back();
        }
    }
    return from_base64url(plain);
}

Authorized<SigningWish> read_authorization_details(std::string_view text) {
    const auto list = parse_strict_json_array(text);
    if (!list || list->size() != 1 || !list->front().is_object()) {
        return AuthorizationError{
            "invalid_authorization_details",
            "authorization_details must be an array of one object, each member once"};
    }
    const auto& object = list->front().get_object();
    TRY_ASSIGN(auto type, optional_text(object, "type"));
    if (!type || !contains(credential_types, *type)) {
        return wrong("type");
    }
    TRY(check_members(object, members_known));
    SigningWish wish;
    TRY_ASSIGN(wish.credential_id, optional_text(object, "credentialID"));
    TRY_ASSIGN(wish.signature_qualifier, optional_text(object, "signatureQualifier"));
    TRY_ASSIGN(wish.hash_algorithm, optional_text(object, "hashAlgorithmOID"));
    const auto* digests = object.if_contains("documentDigests");
    if (digests == nullptr || !digests->is_array() || digests->get_array().empty() ||
        digests->get_array().size() > hsm::protocol::leaf_count_max) {
        return wrong("documentDigests");
    }
    for (const auto& digest : digests->get_array()) {
        TRY(read_digest(digest, wish));
    }
    TRY(read_count(object, wish));
    if (!wish.credential_id && !wish.signature_qualifier) {
        return wrong("credentialID");
    }
    wish.details = json::serialize(object);
    return wish;
}

Authorized<void> check_qualifier(const SigningWish& wish, std::string_view configured) {
    constexpr std::string_view name = "signatureQualifier";
    if (!wish.signature_qualifier ||
        (!configured.empty() && *wish.signature_qualifier == configured)) {
        return {};
    }
    return wish.details.empty()
               ? AuthorizationError{"invalid_request", "Invalid parameter " + std::string(name)}
               : wrong(name);
}

std::string granted_details(const SigningWish& wish, const std::string& credential_id) {
    if (wish.details.empty()) {
        return {};
    }
    auto object = json::parse(wish.details).get_object();
    object["credentialID"] = credential_id;
    object["numSignatures"] = wish.hashes.size();
    return json::serialize(json::array{std::move(object)});
}

}  // namespace cloudsign::oauth
