#include "tests/unit/hsm/softphone/good_item.h"

#include "hsm/openssl/digest.h"
#include "hsm/protocol/merkle_tree.h"

namespace hsm::softphone::testing {

namespace json = boost::json;

namespace {

constexpr const char* person_subject = "CN=Lê Minh An,C=VN";
constexpr const char* issuer_subject = "CN=Kyso CA,C=VN";

Digest filled(Byte value) {
    Digest digest{};
    digest.fill(value);
    return digest;
}

json::object document(std::string_view text, const std::string& label) {
    return {{"hash", base64url(sha256(text))}, {"label", label}};
}

json::object blank_item(const Digest& key_id, const Digest& thumbprint, std::int64_t expires_at) {
    return {{"id", "tx_0001"},
            {"state", "notified"},
            {"reason", ""},
            {"requester", "Trường THPT Chu Văn An"},
            {"purpose_text", "Ký học bạ năm học 2025–2026"},
            {"code", "47"},
            {"language", "vi"},
            {"created_at", expires_at - 600'000},
            {"expires_at", expires_at},
            {"rp_id", test_rp_id},
            {"origin", test_origin},
            {"algorithm", {{"scheme", "ecdsa"}, {"digest", "sha256"}, {"salt_length", 0}}},
            {"credential",
             {{"id", "cred_0001"}, {"subject", person_subject}, {"key_id", base64url(key_id)}}},
            {"thumbprints",
             json::array{json::value(base64url(filled(0x77))), json::value(base64url(thumbprint))}},
            {"activation",
             {{"module_id", base64url(filled(0x11))},
              {"boot_counter", 3},
              {"sequence", 41},
              {"expiry_tick_ms", 4'200'000},
              {"random", base64url(filled(0x22))},
              {"key_id", base64url(key_id)},
              {"blob_version", 1},
              {"policy_hash", base64url(filled(0))},
              {"leaf_count", 0},
              {"root", ""},
              {"context_hash", ""}}}};
}

PhoneState phone_of(PhoneRole role) {
    PhoneState phone;
    phone.role = role;
    phone.rp_id = test_rp_id;
    phone.origin = test_origin;
    return phone;
}

KnownKey known(const Digest& key_id,
               protocol::KeyKind kind,
               const Digest& policy_hash,
               const std::string& subject) {
    KnownKey key;
    key.key_id = key_id;
    key.kind = kind;
    key.policy_hash = policy_hash;
    key.subject = subject;
    key.credential_id = "cred_0001";
    return key;
}

Digest digest_at(const json::value& value) {
    const auto bytes = from_base64url(value.as_string());
    Digest digest{};
    CHECK(bytes && bytes->size() == digest.size());
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

}  // namespace

protocol::Policy policy_for(const protocol::Point* point,
                            std::string_view subject,
                            std::string_view origin) {
    protocol::Policy policy;
    policy.rp_id = test_rp_id;
    policy.origin = origin;
    policy.backup = protocol::BackupPolicy::allowed;
    policy.subject_hash = sha256(subject);
    if (point != nullptr) {
        CHECK(policy.points.push_back(*point));
        CHECK(policy.backup_eligible.push_back(0));
    }
    return policy;
}

Bytes encoded(const protocol::Policy& policy) {
    Bytes buffer(protocol::policy_size_max);
    const auto bytes = protocol::encode(policy, buffer);
    CHECK(bytes.has_value());
    return {bytes->begin(), bytes->end()};
}

void seal(json::object& item) {
    std::vector<Digest> leaves;
    const auto& word = item.at("algorithm").at("digest").as_string();
    const auto digest = word == "sha256"   ? protocol::DigestAlgorithm::sha256
                        : word == "sha384" ? protocol::DigestAlgorithm::sha384
                                           : protocol::DigestAlgorithm::sha512;
    for (const auto& entry : item.at("documents").as_array()) {
        const auto hash = from_base64url(entry.at("hash").as_string());
        const auto leaf =
            protocol::leaf_hash(static_cast<std::uint32_t>(leaves.size()),
                                digest,
                                *hash,
                                sha256(std::string_view(entry.at("label").as_string())),
                                sha256);
        leaves.push_back(leaf ? *leaf : Digest{});
    }
    const auto root = protocol::tree_root(leaves, sha256);
    const protocol::Context context{item.at("requester").as_string(),
                                    item.at("purpose_text").as_string(),
                                    item.at("code").as_string(),
                                    item.at("language").as_string()};
    Bytes scratch(4096);
    const auto context_hash = protocol::tagged_hash(context, scratch, sha256);
    auto& activation = item.at("activation").as_object();
    activation["leaf_count"] = leaves.size();
    activation["root"] = base64url(root ? *root : Digest{});
    activation["context_hash"] = base64url(context_hash ? *context_hash : Digest{});
}

void seal_binding(json::object& item) {
    const auto& claim = item.at("statement").as_object();
    const auto policy_bytes = from_base64url(claim.at("policy").as_string());
    const auto policy = protocol::decode<protocol::Policy>(*policy_bytes);
    CHECK(policy.has_value());
    protocol::BindStatement statement;
    statement.kind = static_cast<protocol::KeyKind>(claim.at("kind").to_number<unsigned>());
    statement.key_id = digest_at(claim.at("key_id"));
    statement.policy = *policy_bytes;
    statement.subject_hash = policy->subject_hash;
    for (const auto& point : policy->points) {
        CHECK(statement.thumbprints.push_back(protocol::thumbprint(point, sha256)));
    }
    Bytes buffer(4096);
    const auto bytes = protocol::encode_tagged(statement, buffer);
    CHECK(bytes.has_value());
    item["documents"] =
        json::array{json::object{{"hash", base64url(sha256(*bytes))}, {"label", "kyso-bind/1"}}};
    item.at("activation").as_object()["policy_hash"] = base64url(sha256(ByteView(*policy_bytes)));
    seal(item);
}

json::object signing_item(const Digest& key_id,
                          const Digest& policy_hash,
                          const Digest& thumbprint,
                          const std::string& origin,
                          std::int64_t expires_at) {
    auto item = blank_item(key_id, thumbprint, expires_at);
    item["purpose"] = "sign";
    item["origin"] = origin;
    item["documents"] = json::array{document("one", "Học bạ: Lê Minh An"),
                                    document("two", "Học bạ: Trần Gia Bảo"),
                                    document("three", "")};
    item.at("activation").as_object()["policy_hash"] = base64url(policy_hash);
    seal(item);
    return item;
}

json::object binding_item(const protocol::Policy& policy,
                          protocol::KeyKind kind,
                          const std::string& subject,
                          const Digest& thumbprint,
                          std::int64_t expires_at) {
    const auto key_id = filled(0x33);
    auto item = blank_item(key_id, thumbprint, expires_at);
    item["purpose"] = "bind";
    item["origin"] = policy.origin;
    item["requester"] = "";
    item["purpose_text"] = subject;
    item["code"] = "";
    item.at("credential").as_object()["subject"] = subject;
    item["algorithm"] = {{"scheme", "none"}, {"digest", "sha256"}, {"salt_length", 0}};
    item.at("activation").as_object()["blob_version"] = 0;
    item["statement"] = {{"kind", static_cast<unsigned>(kind)},
                         {"key_id", base64url(key_id)},
                         {"policy", base64url(encoded(policy))}};
    seal_binding(item);
    return item;
}

Case good_signing() {
    Case test;
    test.phone = phone_of(PhoneRole::signer);
    test.thumbprint = filled(0x44);
    test.phone.keys = {
        known(filled(0x33), protocol::KeyKind::person, filled(0x55), person_subject)};
    test.item = signing_item(
        filled(0x33), filled(0x55), test.thumbprint, test_origin, test_now_ms + 300'000);
    return test;
}

Case good_binding(PhoneRole role) {
    const auto passkey = Passkey::generate();
    Case test;
    test.phone = phone_of(role);
    test.phone.enrolment = Enrolment{"cred_0001", "tx_0001"};
    test.thumbprint = role == PhoneRole::signer ? passkey.thumbprint() : filled(0x66);
    const auto point = passkey.point();
    test.item = binding_item(policy_for(&point, person_subject, test_origin),
                             protocol::KeyKind::person,
                             person_subject,
                             test.thumbprint,
                             test_now_ms + 300'000);
    return test;
}

Case good_issuing() {
    const openssl::EvpKeyPtr issuer(EVP_EC_gen("P-256"));
    const openssl::EvpKeyPtr person(EVP_EC_gen("P-256"));
    Case test;
    test.phone = phone_of(PhoneRole::officer);
    test.thumbprint = filled(0x66);
    test.phone.keys = {
        known(key_id_of(issuer.get()), protocol::KeyKind::issuer, filled(0x55), issuer_subject),
        known(key_id_of(person.get()), protocol::KeyKind::person, filled(0x56), person_subject)};
    const auto root = make_tbs({"Kyso CA", "Kyso CA", issuer.get(), true});
    const auto leaf = make_tbs({"Lê Minh An", "Kyso CA", person.get(), false});
    auto item = blank_item(key_id_of(issuer.get()), test.thumbprint, test_now_ms + 300'000);
    item["purpose"] = "issue";
    item.at("credential").as_object()["subject"] = issuer_subject;
    item.at("activation").as_object()["policy_hash"] = base64url(filled(0x55));
    item["certificates"] =
        json::array{json::object{{"credential_id", "ca_0001"}, {"tbs", base64url(root)}},
                    json::object{{"credential_id", "cred_0001"}, {"tbs", base64url(leaf)}}};
    item["documents"] =
        json::array{document(text_of(root), std::string("certificate: ") + issuer_subject),
                    document(text_of(leaf), std::string("certificate: ") + person_subject)};
    seal(item);
    test.item = item;
    return test;
}

Case good_revoking() {
    const auto key_id = filled(0x44);
    Case test;
    test.phone = phone_of(PhoneRole::officer);
    test.thumbprint = filled(0x66);
    test.phone.keys = {known(key_id, protocol::KeyKind::person, filled(0x56), person_subject)};
    auto item = blank_item(key_id, test.thumbprint, test_now_ms + 300'000);
    item["purpose"] = "revoke";
    item["algorithm"] = json::object{{"scheme", "none"}, {"digest", "sha256"}, {"salt_length", 0}};
    item.at("activation").as_object()["blob_version"] = 2;
    const protocol::RevokeKeyStatement statement{key_id, 2};
    Bytes buffer(128);
    const auto encoded = protocol::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    item["documents"] = json::array{
        document(std::string(text_of(*encoded)), std::string(protocol::RevokeKeyStatement::tag))};
    seal(item);
    test.item = item;
    return test;
}

Bytes make_tbs(const TbsSpec& spec) {
    const openssl::X509Ptr certificate(X509_new());
    auto* raw = certificate.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), 4711);
    X509_gmtime_adj(X509_getm_notBefore(raw), 0);
    X509_gmtime_adj(X509_getm_notAfter(raw), 86400);
    X509_set_pubkey(raw, spec.key);
    const auto name = [](X509_NAME* to, const std::string& common_name) {
        const auto add = [&](const char* type, const std::string& value) {
            CHECK(X509_NAME_add_entry_by_txt(to,
                                             type,
                                             MBSTRING_UTF8,
                                             reinterpret_cast<const Byte*>(value.c_str()),
                                             -1,
                                             -1,
                                             0) == 1);
        };
        // RFC 4514 writes the sequence from its end.
        add("C", "VN");
        add("CN", common_name);
    };
    name(X509_get_subject_name(raw), spec.common_name);
    name(X509_get_issuer_name(raw), spec.issuer_common_name);
    auto extensions = spec.extensions;
    extensions.emplace_back(NID_basic_constraints,
                            spec.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    for (const auto& [type, text] : extensions) {
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, type, text);
        CHECK(extension != nullptr);
        X509_add_ext(raw, extension, -1);
        X509_EXTENSION_free(extension);
    }
    CHECK(X509_sign(raw, spec.key, EVP_sha256()) > 0);
    unsigned char* der = nullptr;
    const int size = i2d_re_X509_tbs(raw, &der);
    CHECK(size > 0);
    Bytes tbs(der, der + size);
    OPENSSL_free(der);
    return tbs;
}

Digest key_id_of(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    CHECK(size > 0);
    const auto key_id = sha256(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return key_id;
}

Outcome<CheckedItem> check(const Case& test, const json::value& item) {
    TRY_ASSIGN(auto read, read_item(item));
    return check_item(std::move(read), test.phone, test.thumbprint, test_now_ms);
}

Outcome<CheckedItem> check(const Case& test) {
    return check(test, test.item);
}

}  // namespace hsm::softphone::testing
