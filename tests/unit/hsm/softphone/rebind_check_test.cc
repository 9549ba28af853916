#include <gtest/gtest.h>

#include "hsm/openssl/digest.h"
#include "hsm/protocol/short_code.h"
#include "hsm/softphone/item_check.h"
#include "tests/unit/hsm/softphone/good_item.h"

// A change of phones, as the old one and the new one look at it.
namespace hsm::softphone::testing {
namespace {

namespace json = boost::json;

constexpr const char* subject = "CN=Lê Minh An,C=VN";

std::string code_of(const Passkey& passkey) {
    const auto code = protocol::short_code(passkey.thumbprint());
    return {code.begin(), code.end()};
}

struct Moving {
    Passkey old_passkey = Passkey::generate();
    Passkey new_passkey = Passkey::generate();
    PhoneState old_phone;
    PhoneState new_phone;
    SeenPhone seen{new_passkey.thumbprint(), ""};
    json::object item;

    Moving() {
        const auto policy = policy_for(&old_passkey.point(), subject, test_origin);
        KnownKey key;
        key.key_id.fill(0x33);
        key.policy = encoded(policy);
        key.policy_hash = sha256(ByteView(key.policy));
        key.subject = subject;
        key.credential_id = "cred_0001";
        for (auto* phone : {&old_phone, &new_phone}) {
            phone->rp_id = test_rp_id;
            phone->origin = test_origin;
        }
        old_phone.keys = {key};
        new_phone.joining = Joining{"session"};
        item = signing_item(key.key_id,
                            key.policy_hash,
                            old_passkey.thumbprint(),
                            test_origin,
                            test_now_ms + 300'000);
        item["purpose"] = "rebind";
        item["requester"] = "";
        item["purpose_text"] = "";
        item["code"] = "";
        item["algorithm"] =
            json::object{{"scheme", "none"}, {"digest", "sha256"}, {"salt_length", 0}};
        item.at("thumbprints")
            .as_array()
            .push_back(json::value(base64url(new_passkey.thumbprint())));
        item["new_phone"] = json::object{{"public_key", base64url(new_passkey.point())},
                                         {"backup_eligible", false},
                                         {"name", "Máy mới"}};
        state(policy_for(&new_passkey.point(), subject, test_origin));
    }

    // The statement about this policy as the one document.
    void state(const protocol::Policy& policy) {
        const auto bytes = encoded(policy);
        protocol::RebindStatement statement;
        statement.key_id.fill(0x33);
        statement.old_version = 1;
        statement.new_policy = bytes;
        Bytes buffer(4096);
        const auto written = protocol::encode_tagged(statement, buffer);
        CHECK(written.has_value());
        item["documents"] = json::array{
            json::object{{"hash", base64url(sha256(*written))}, {"label", "kyso-rebind/1"}}};
        seal(item);
    }
    // As a server that would rather have its own phone there: all that it says agrees.
    void put_in(const Passkey& other) {
        item.at("new_phone").as_object()["public_key"] = base64url(other.point());
        state(policy_for(&other.point(), subject, test_origin));
    }

    Outcome<CheckedItem> leaving() const {
        TRY_ASSIGN(auto read, read_item(item));
        return check_item(std::move(read), old_phone, old_passkey.thumbprint(), test_now_ms, seen);
    }
    Outcome<CheckedItem> arriving() const {
        TRY_ASSIGN(auto read, read_item(item));
        return check_item(std::move(read), new_phone, new_passkey.thumbprint(), test_now_ms);
    }
    static std::string reason(const Outcome<CheckedItem>& checked) {
        return checked ? "approved" : checked.error().text;
    }
};

TEST(CheckRebinding, BothPhonesComputeOneChallenge) {
    const Moving test;

    const auto leaving = test.leaving();
    const auto arriving = test.arriving();

    ASSERT_TRUE(leaving.has_value()) << leaving.error().text;
    ASSERT_TRUE(arriving.has_value()) << arriving.error().text;
    EXPECT_EQ(leaving->challenge, arriving->challenge);
    EXPECT_EQ(leaving->new_policy, arriving->new_policy);
    EXPECT_EQ(leaving->key_thumbprints, std::vector{test.new_passkey.thumbprint()});
}

TEST(CheckRebinding, RefusesAPhoneWhoseCodeNobodyRead) {
    Moving test;
    const auto other = Passkey::generate();
    test.put_in(other);

    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("new_phone: "));
    test.seen = {std::nullopt, code_of(test.new_passkey)};
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("new_phone: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("new_phone: "));
    test.seen = {};
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("new_phone: "));
    test.seen = {std::nullopt, code_of(other)};
    EXPECT_EQ(Moving::reason(test.leaving()), "approved");
}

TEST(CheckRebinding, RefusesAStatementAboutAnotherPhoneThanTheOneShown) {
    Moving test;
    const auto other = Passkey::generate();
    test.state(policy_for(&other.point(), subject, test_origin));

    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("documents: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("documents: "));
}

TEST(CheckRebinding, RefusesAPhoneMoreThanTheTwo) {
    Moving test;
    auto policy = policy_for(&test.new_passkey.point(), subject, test_origin);
    const auto other = Passkey::generate();
    CHECK(policy.points.push_back(other.point()) && policy.backup_eligible.push_back(0));
    test.state(policy);

    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("documents: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("documents: "));
}

TEST(CheckRebinding, RefusesAnotherPersonsKey) {
    Moving test;
    test.item.at("credential").as_object()["subject"] = "CN=Trần Gia Bảo,C=VN";
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("credential.subject: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("documents: "));

    Moving unknown;
    unknown.old_phone.keys.clear();
    EXPECT_TRUE(Moving::reason(unknown.leaving()).starts_with("activation.key_id: "));
}

TEST(CheckRebinding, RefusesAPlaceThatIsNotThisPhones) {
    Moving test;
    test.state(policy_for(&test.new_passkey.point(), subject, "https://approve.example"));

    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("documents: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("documents: "));
}

TEST(CheckRebinding, RefusesASyncedPasskeyInPlaceOfTheOneThatIsNot) {
    Moving test;
    auto policy = policy_for(&test.new_passkey.point(), subject, test_origin);
    policy.backup_eligible[0] = 1;
    test.state(policy);
    test.item.at("new_phone").as_object()["backup_eligible"] = true;

    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("new_phone: "));
    test.item.at("new_phone").as_object()["backup_eligible"] = false;
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("documents: "));
}

TEST(CheckRebinding, RefusesAnOlderKeyAndOneThatIsNotBound) {
    Moving test;
    test.item.at("activation").as_object()["blob_version"] = 0;
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("activation.blob_version: "));
    EXPECT_TRUE(Moving::reason(test.arriving()).starts_with("activation.blob_version: "));

    Moving older;
    older.old_phone.keys[0].version = 2;
    EXPECT_TRUE(Moving::reason(older.leaving()).starts_with("activation.blob_version: "));
}

TEST(CheckRebinding, RefusesASignatureInTheDressOfAChange) {
    Moving test;
    test.item["purpose"] = "sign";
    EXPECT_NE(Moving::reason(test.leaving()), "approved");
    test.item["purpose"] = "rebind";
    test.item.at("algorithm").as_object()["scheme"] = "ecdsa";
    EXPECT_TRUE(Moving::reason(test.leaving()).starts_with("algorithm: "));
    Moving bare;
    bare.item.erase("new_phone");
    EXPECT_TRUE(Moving::reason(bare.leaving()).starts_with("new_phone: "));
}

}  // namespace
}  // namespace hsm::softphone::testing
