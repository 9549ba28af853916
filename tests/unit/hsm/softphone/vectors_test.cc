#include <cstdlib>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "hsm/openssl/digest.h"
#include "hsm/softphone/authenticator.h"
#include "hsm/softphone/item_check.h"
#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

constexpr const char* subject = "CN=Nguyễn Thị Hoa,C=VN";  // of the vectors' policy

// Written by an implementation in another language: tests/vectors/protocol/generate.py.
const json::object& vectors() {
    static const auto file = [] {
        const char* root = std::getenv("KYSO_SOURCE");
        CHECK(root != nullptr);
        return json::parse(testing::read_text(std::filesystem::path(root) /
                                              "tests/vectors/protocol/vectors.json"));
    }();
    return file.as_object();
}

Bytes from_hex(const json::value& text) {
    const auto& digits = text.as_string();
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(
            static_cast<Byte>(std::stoul(std::string(digits.subview(i, 2)), nullptr, 16)));
    }
    return bytes;
}

Digest hex_digest(const json::value& text) {
    const auto bytes = from_hex(text);
    Digest digest{};
    CHECK(bytes.size() == digest.size());
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

Digest phone_thumbprint() {
    const auto& key = vectors().at("keys").as_array().at(0);
    CHECK(key.at("name").as_string() == "phone");
    return hex_digest(key.at("thumbprint"));
}

const json::object& structure(std::string_view name) {
    return vectors().at("structures").at(name).as_object();
}

// An item that asks for the vectors' activation `name`, in their one context.
json::object item_of_vectors(const std::string& purpose,
                             json::array documents,
                             const std::string& name) {
    const auto& context = structure("context").at("values").as_object();
    const auto& preimage = structure(name).at("values").as_object();
    json::object activation;
    for (const char* member :
         {"module_id", "random", "key_id", "policy_hash", "root", "context_hash"}) {
        activation[member] = base64url(hex_digest(preimage.at(member)));
    }
    for (const char* member :
         {"boot_counter", "sequence", "expiry_tick_ms", "blob_version", "leaf_count"}) {
        activation[member] = preimage.at(member);
    }
    const char* scheme = purpose == "bind" ? "none" : "ecdsa";
    return {
        {"id", "tx_1"},
        {"purpose", purpose},
        {"state", "notified"},
        {"reason", ""},
        {"requester", context.at("portal")},
        {"purpose_text", context.at("purpose")},
        {"code", context.at("code")},
        {"language", context.at("language")},
        {"created_at", 1},
        {"expires_at", 2000},
        {"rp_id", "approve.localhost"},
        {"origin", "https://approve.localhost:8443"},
        {"algorithm", {{"scheme", scheme}, {"digest", "sha256"}, {"salt_length", 0}}},
        {"documents", std::move(documents)},
        {"credential", {{"id", "cred"}, {"subject", subject}, {"key_id", activation.at("key_id")}}},
        {"thumbprints", json::array{json::value(base64url(phone_thumbprint()))}},
        {"activation", activation}};
}

PhoneState phone_of_vectors() {
    PhoneState phone;
    phone.rp_id = "approve.localhost";
    phone.origin = "https://approve.localhost:8443";
    phone.enrolment = Enrolment{"cred", "tx_1"};
    return phone;
}

TEST(ProtocolVectors, GiveTheChallengeOfASignature) {
    json::array documents;
    for (const auto& leaf : vectors().at("leaves").as_array()) {
        if (documents.size() < 3) {
            documents.push_back(json::object{{"hash", base64url(from_hex(leaf.at("hash")))},
                                             {"label", leaf.at("label")}});
        }
    }
    const auto item = read_item(item_of_vectors("sign", documents, "preimage.sign"));
    ASSERT_TRUE(item.has_value()) << item.error().text;
    auto phone = phone_of_vectors();
    KnownKey key;
    key.key_id = item->activation.key_id;
    key.policy_hash = hex_digest(structure("policy").at("sha256"));
    key.subject = subject;
    phone.keys = {key};

    const auto checked = check_item(*item, phone, phone_thumbprint(), 1000);

    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    EXPECT_EQ(checked->challenge, hex_digest(structure("preimage.sign").at("sha256")));
}

TEST(ProtocolVectors, GiveTheChallengeOfABinding) {
    const auto statement = from_hex(structure("statement.bind").at("encoded"));
    auto object =
        item_of_vectors("bind",
                        json::array{json::object{{"hash", base64url(sha256(ByteView(statement)))},
                                                 {"label", "kyso-bind/1"}}},
                        "preimage.bind");
    object["statement"] = {{"kind", 1},
                           {"key_id", object.at("activation").at("key_id")},
                           {"policy", base64url(from_hex(structure("policy").at("encoded")))}};
    const auto item = read_item(object);
    ASSERT_TRUE(item.has_value()) << item.error().text;

    for (const auto role : {PhoneRole::signer, PhoneRole::officer}) {
        auto phone = phone_of_vectors();
        phone.role = role;
        const auto checked = check_item(*item, phone, phone_thumbprint(), 1000);

        ASSERT_TRUE(checked.has_value()) << checked.error().text;
        EXPECT_EQ(checked->challenge, hex_digest(structure("preimage.bind").at("sha256")));
        EXPECT_EQ(checked->key_thumbprints, std::vector{phone_thumbprint()});
    }
}

TEST(ProtocolVectors, HaveTheClientDataThatThisPhoneWrites) {
    const auto challenge = hex_digest(structure("preimage.sign").at("sha256"));

    const auto assertion = Passkey::generate().make_assertion(
        challenge, {"approve.localhost", "https://approve.localhost:8443"});

    const auto& fields = structure("assertion.sign").at("values").as_object();
    EXPECT_EQ(assertion.client_data_json, text_of(from_hex(fields.at("client_data_json"))));
    EXPECT_TRUE(equal(ByteView(assertion.authenticator_data).first(33),
                      ByteView(from_hex(fields.at("authenticator_data"))).first(33)));
}

}  // namespace
}  // namespace hsm::softphone
