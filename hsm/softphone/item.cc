#include "hsm/softphone/item.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "hsm/softphone/json_object.h"
#include "hsm/softphone/link.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

using protocol::Algorithm;
using protocol::DigestAlgorithm;
using protocol::Purpose;
using protocol::Scheme;

template <class T>
struct Named {
    std::string_view name;
    T value;
};
constexpr std::array<Named<Purpose>, 5> purposes = {{{"sign", Purpose::sign},
                                                     {"bind", Purpose::bind},
                                                     {"rebind", Purpose::rebind},
                                                     {"issue", Purpose::issue},
                                                     {"revoke", Purpose::revoke}}};
constexpr std::array<Named<Scheme>, 4> schemes = {{{"none", Scheme::none},
                                                   {"ecdsa", Scheme::ecdsa},
                                                   {"rsa_pkcs1", Scheme::rsa_pkcs1},
                                                   {"rsa_pss", Scheme::rsa_pss}}};
constexpr std::array<Named<DigestAlgorithm>, 3> digests = {{{"sha256", DigestAlgorithm::sha256},
                                                            {"sha384", DigestAlgorithm::sha384},
                                                            {"sha512", DigestAlgorithm::sha512}}};

template <class Table, class T>
Outcome<void> read_named(const JsonObject& object,
                         std::string_view member,
                         const Table& table,
                         T& value) {
    TRY_ASSIGN(auto word, object.text(member));
    for (const auto& row : table) {
        if (row.name == word) {
            value = row.value;
            return {};
        }
    }
    return object.wrong(member, "is a word that this program does not know");
}

template <class Table, class T>
std::string_view name_in(const Table& table, T value) {
    for (const auto& row : table) {
        if (row.value == value) {
            return row.name;
        }
    }
    return "?";
}

Outcome<std::int64_t> read_time(const JsonObject& object, std::string_view member) {
    TRY_ASSIGN(auto time, object.number(member, json_number_max));
    return static_cast<std::int64_t>(time);
}

Outcome<void> read_algorithm(const JsonObject& object, Algorithm& algorithm) {
    TRY(read_named(object, "scheme", schemes, algorithm.scheme));
    TRY(read_named(object, "digest", digests, algorithm.digest));
    TRY_ASSIGN(auto salt, object.number("salt_length", protocol::codec::salt_length_max));
    algorithm.salt_length = static_cast<std::uint8_t>(salt);
    return {};
}

Outcome<void> read_activation(const JsonObject& object, protocol::ChallengePreimage& activation) {
    TRY_ASSIGN(activation.module_id, object.digest("module_id"));
    TRY_ASSIGN(activation.boot_counter, object.number("boot_counter", json_number_max));
    TRY_ASSIGN(activation.sequence, object.number("sequence", json_number_max));
    TRY_ASSIGN(activation.expiry_tick_ms, object.number("expiry_tick_ms", json_number_max));
    TRY_ASSIGN(activation.random, object.digest("random"));
    TRY_ASSIGN(activation.key_id, object.digest("key_id"));
    TRY_ASSIGN(auto version, object.number("blob_version", UINT32_MAX));
    activation.blob_version = static_cast<std::uint32_t>(version);
    TRY_ASSIGN(activation.policy_hash, object.digest("policy_hash"));
    TRY_ASSIGN(auto count, object.number("leaf_count", UINT32_MAX));
    activation.leaf_count = static_cast<std::uint32_t>(count);
    TRY_ASSIGN(activation.root, object.digest("root"));
    TRY_ASSIGN(activation.context_hash, object.digest("context_hash"));
    return {};
}

Outcome<Document> read_document(const json::value& value) {
    TRY_ASSIGN(auto object, JsonObject::of(value, "item.documents[]", ProblemKind::server));
    Document document;
    TRY_ASSIGN(document.hash, object.bytes("hash"));
    TRY_ASSIGN(document.label, object.text("label"));
    return document;
}

Outcome<CertificateClaim> read_certificate(const json::value& value) {
    TRY_ASSIGN(auto object, JsonObject::of(value, "item.certificates[]", ProblemKind::server));
    CertificateClaim certificate;
    TRY_ASSIGN(certificate.credential_id, object.text("credential_id"));
    TRY_ASSIGN(certificate.tbs, object.bytes("tbs"));
    return certificate;
}

Outcome<SignedDocument> read_receipt(const json::value& value) {
    TRY_ASSIGN(auto object, JsonObject::of(value, "item.receipts[]", ProblemKind::server));
    SignedDocument done;
    TRY_ASSIGN(auto position, object.number("position", protocol::leaf_count_max));
    done.position = static_cast<std::uint32_t>(position);
    TRY_ASSIGN(done.signature, object.bytes("signature"));
    TRY_ASSIGN(done.receipt, object.bytes("receipt"));
    return done;
}

template <class T>
Outcome<void> read_list(const JsonObject& object,
                        std::string_view member,
                        Outcome<T> (*read)(const json::value&),
                        std::vector<T>& list) {
    TRY_ASSIGN(const auto* values, object.list(member));
    if (values->size() > protocol::leaf_count_max) {
        return object.wrong(member, "has more than 1,024 entries");
    }
    for (const auto& value : *values) {
        TRY_ASSIGN(auto entry, read(value));
        list.push_back(std::move(entry));
    }
    return {};
}

Outcome<Digest> read_thumbprint(const json::value& value) {
    const auto bytes =
        value.is_string() ? from_base64url(value.get_string()) : std::optional<Bytes>();
    Digest digest{};
    if (!bytes || bytes->size() != digest.size()) {
        return Problem{ProblemKind::server, "item.thumbprints[] is not 32 bytes in base64url"};
    }
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

Outcome<void> read_statement(const JsonObject& object, Item& item) {
    if (!object.has("statement")) {
        return {};
    }
    TRY_ASSIGN(auto statement, object.object("statement"));
    item.statement.emplace();
    TRY_ASSIGN(auto kind, statement.number("kind", 5));
    if (kind == 0) {
        return statement.wrong("kind", "is not a kind of key");
    }
    item.statement->kind = static_cast<protocol::KeyKind>(kind);
    TRY_ASSIGN(item.statement->key_id, statement.digest("key_id"));
    TRY_ASSIGN(item.statement->policy, statement.bytes("policy"));
    return {};
}

Outcome<void> read_new_phone(const JsonObject& object, Item& item) {
    if (!object.has("new_phone")) {
        return {};
    }
    TRY_ASSIGN(auto phone, object.object("new_phone"));
    item.new_phone.emplace();
    TRY_ASSIGN(auto point, phone.bytes("public_key"));
    if (point.size() != item.new_phone->key.point.size()) {
        return phone.wrong("public_key", "is not 65 bytes");
    }
    std::ranges::copy(point, item.new_phone->key.point.begin());
    TRY_ASSIGN(item.new_phone->key.backup_eligible, phone.flag("backup_eligible"));
    TRY_ASSIGN(item.new_phone->name, phone.text("name"));
    return {};
}

// Who asks, for what, until when.
Outcome<void> read_request(const JsonObject& object, Item& item) {
    TRY_ASSIGN(item.id, object.text("id"));
    if (!is_id(item.id)) {
        return object.wrong("id", "is not an id");
    }
    TRY(read_named(object, "purpose", purposes, item.purpose));
    TRY_ASSIGN(item.state, object.text("state"));
    TRY_ASSIGN(item.reason, object.text("reason"));
    TRY_ASSIGN(item.requester, object.text("requester"));
    if (object.has("requester_verified_as")) {
        TRY_ASSIGN(item.verified_as, object.text("requester_verified_as"));
    }
    TRY_ASSIGN(item.purpose_text, object.text("purpose_text"));
    TRY_ASSIGN(item.code, object.text("code"));
    if (object.has("code_typed")) {
        TRY_ASSIGN(item.code_typed, object.flag("code_typed"));
    }
    TRY_ASSIGN(item.language, object.text("language"));
    TRY_ASSIGN(item.created_at, read_time(object, "created_at"));
    TRY_ASSIGN(item.expires_at, read_time(object, "expires_at"));
    TRY_ASSIGN(item.rp_id, object.text("rp_id"));
    TRY_ASSIGN(item.origin, object.text("origin"));
    return {};
}

}  // namespace

Outcome<Item> read_item(const json::value& value) {
    Item item;
    TRY_ASSIGN(auto object, JsonObject::of(value, "item", ProblemKind::server));
    TRY(read_request(object, item));
    TRY_ASSIGN(auto algorithm, object.object("algorithm"));
    TRY(read_algorithm(algorithm, item.algorithm));
    TRY(read_list(object, "documents", read_document, item.documents));
    TRY_ASSIGN(auto credential, object.object("credential"));
    TRY_ASSIGN(item.credential_id, credential.text("id"));
    TRY_ASSIGN(item.subject, credential.text("subject"));
    TRY_ASSIGN(item.key_id, credential.digest("key_id"));
    TRY(read_list(object, "thumbprints", read_thumbprint, item.thumbprints));
    TRY_ASSIGN(auto activation, object.object("activation"));
    TRY(read_activation(activation, item.activation));
    TRY(read_statement(object, item));
    TRY(read_new_phone(object, item));
    if (object.has("certificates")) {
        TRY(read_list(object, "certificates", read_certificate, item.certificates));
    }
    if (object.has("assurance_class")) {
        TRY_ASSIGN(item.assurance_class, object.text("assurance_class"));
    }
    if (object.has("receipts")) {
        TRY(read_list(object, "receipts", read_receipt, item.receipts));
    }
    return item;
}

std::string_view purpose_name(Purpose purpose) {
    return name_in(purposes, purpose);
}

std::string algorithm_name(const Algorithm& algorithm) {
    auto name = std::string(name_in(schemes, algorithm.scheme)) + " " +
                std::string(name_in(digests, algorithm.digest));
    if (algorithm.salt_length != 0) {
        name += " salt " + std::to_string(algorithm.salt_length);
    }
    return name;
}

}  // namespace hsm::softphone
