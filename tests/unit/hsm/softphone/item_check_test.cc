#include "hsm/softphone/item_check.h"

#include <gtest/gtest.h>

#include "hsm/openssl/digest.h"
#include "hsm/softphone/item_text.h"
#include "tests/unit/hsm/softphone/good_item.h"

namespace hsm::softphone::testing {
namespace {

namespace json = boost::json;

using protocol::KeyKind;

std::string reason(const Case& test) {
    const auto checked = check(test);
    return checked ? "approved" : checked.error().text;
}

json::object& activation(Case& test) {
    return test.item.at("activation").as_object();
}

// ---- every purpose

TEST(CheckItem, RefusesWhatWaitsNoLonger) {
    for (const char* state :
         {"approved", "signing", "signed", "rejected", "not_mine", "expired", "undelivered", ""}) {
        auto test = good_signing();
        test.item["state"] = state;
        EXPECT_TRUE(reason(test).starts_with("state: ")) << state;
    }
    for (const char* state : {"created", "notified", "seen"}) {
        auto test = good_signing();
        test.item["state"] = state;
        EXPECT_EQ(reason(test), "approved") << state;
    }
}

TEST(CheckItem, RefusesFromTheMomentOfExpiry) {
    auto test = good_signing();
    test.item["expires_at"] = test_now_ms;
    EXPECT_TRUE(reason(test).starts_with("expires_at: "));
    test.item["expires_at"] = test_now_ms + 1;
    EXPECT_EQ(reason(test), "approved");
}

TEST(CheckItem, RefusesAModuleThatIsHardware) {
    auto test = good_signing();
    for (const char* allowed : {"software", "emulated"}) {
        test.item["assurance_class"] = allowed;
        EXPECT_EQ(reason(test), "approved");
    }
    for (const char* other : {"hardware", "Hardware", "unknown"}) {
        test.item["assurance_class"] = other;
        EXPECT_TRUE(reason(test).starts_with("assurance_class: ")) << other;
    }
}

TEST(CheckItem, TakesAsManyDocumentsAsTheProtocol) {
    auto test = good_signing();
    const auto document = test.item.at("documents").as_array().at(0);
    test.item["documents"] = json::array(1024, document);
    seal(test.item);
    EXPECT_EQ(reason(test), "approved");
    test.item["documents"] = json::array(1025, document);
    seal(test.item);
    EXPECT_NE(reason(test), "approved");
    test.item["documents"] = json::array();
    seal(test.item);
    EXPECT_TRUE(reason(test).starts_with("documents: "));
}

TEST(CheckItem, RefusesTextsLongerThanTheProtocolAllows) {
    auto test = good_signing();
    test.item["purpose_text"] = std::string(2001, 'x');
    seal(test.item);
    EXPECT_NE(reason(test).find("too long"), std::string::npos);
}

TEST(CheckItem, RefusesASaltWithoutPss) {
    auto test = good_signing();
    test.item.at("algorithm").as_object()["salt_length"] = 32;
    EXPECT_TRUE(reason(test).starts_with("algorithm.salt_length: "));
    test.item.at("algorithm").as_object()["scheme"] = "rsa_pss";
    EXPECT_EQ(reason(test), "approved");
}

// ---- sign

// The server keeps the code to itself; what is typed has to give the activation's context hash.
TEST(CheckSigning, TakesTheTypedCodeAlone) {
    auto test = good_signing();
    seal(test.item);
    test.item["code_typed"] = true;
    EXPECT_EQ(reason(test), "approved");
    test.item["code"] = "74";
    EXPECT_TRUE(reason(test).starts_with("activation.context_hash: "));
    test.item["code"] = "";
    EXPECT_TRUE(reason(test).starts_with("code: "));
}

TEST(CheckSigning, RefusesAKeyThatThisPhoneWasNotEnrolledFor) {
    auto test = good_signing();
    test.phone.keys.clear();
    EXPECT_TRUE(reason(test).starts_with("activation.key_id: "));
}

TEST(CheckSigning, RefusesAnOlderVersionAndTakesANewerOne) {
    auto test = good_signing();
    test.phone.keys[0].version = 3;
    for (const int version : {0, 1, 2}) {
        activation(test)["blob_version"] = version;
        EXPECT_TRUE(reason(test).starts_with("activation.blob_version: ")) << version;
    }
    for (const int version : {3, 4}) {
        activation(test)["blob_version"] = version;
        EXPECT_EQ(reason(test), "approved") << version;
    }
}

TEST(CheckSigning, RefusesAnOfficersPhone) {
    auto test = good_signing();
    test.phone.role = PhoneRole::officer;
    EXPECT_TRUE(reason(test).starts_with("purpose: "));
}

// ---- bind

// Another policy in a wholly honest looking item.
void set_policy(Case& test, const protocol::Policy& policy) {
    test.item.at("statement").as_object()["policy"] = base64url(encoded(policy));
    seal_binding(test.item);
}

protocol::Policy policy_in(const Case& test) {
    static Bytes bytes;  // the decoded policy's texts point into it
    bytes = *from_base64url(test.item.at("statement").at("policy").as_string());
    return *protocol::decode<protocol::Policy>(bytes);
}

TEST(CheckBinding, RefusesAnotherPasskeyBesideOrInsteadOfItsOwn) {
    const auto other = Passkey::generate();
    auto test = good_binding(PhoneRole::signer);
    auto policy = policy_in(test);
    ASSERT_TRUE(policy.points.push_back(other.point()) && policy.backup_eligible.push_back(0));
    set_policy(test, policy);
    EXPECT_TRUE(reason(test).starts_with("statement.policy: "));

    auto instead = good_binding(PhoneRole::signer);
    const auto point = other.point();
    set_policy(instead, policy_for(&point, "CN=Lê Minh An,C=VN", test_origin));
    EXPECT_TRUE(reason(instead).starts_with("statement.policy: "));
}

TEST(CheckBinding, RefusesAPolicyOfAnotherPlace) {
    for (const auto role : {PhoneRole::signer, PhoneRole::officer}) {
        auto test = good_binding(role);
        auto policy = policy_in(test);
        policy.origin = "https://evil.localhost:8443";
        set_policy(test, policy);
        EXPECT_TRUE(reason(test).starts_with("statement.policy: "));

        auto other = good_binding(role);
        policy = policy_in(other);
        policy.rp_id = "evil.localhost";
        set_policy(other, policy);
        EXPECT_TRUE(reason(other).starts_with("statement.policy: "));
    }
}

TEST(CheckBinding, RefusesAPolicyOfAnotherSubject) {
    for (const auto role : {PhoneRole::signer, PhoneRole::officer}) {
        auto test = good_binding(role);
        auto policy = policy_in(test);
        policy.subject_hash = sha256("CN=Somebody Else");
        set_policy(test, policy);
        EXPECT_TRUE(reason(test).starts_with("credential.subject: "));
    }
}

TEST(CheckBinding, RefusesAWrongWordAboutBackup) {
    auto test = good_binding(PhoneRole::signer);
    auto policy = policy_in(test);
    policy.backup_eligible[0] = 1;
    set_policy(test, policy);
    EXPECT_TRUE(reason(test).starts_with("statement.policy: "));
}

TEST(CheckBinding, RefusesWhatTheSignerDidNotAskFor) {
    auto test = good_binding(PhoneRole::signer);
    test.phone.enrolment.reset();
    EXPECT_TRUE(reason(test).starts_with("credential.id: "));
    test.phone.enrolment = Enrolment{"cred_0002", "tx_0001"};
    EXPECT_TRUE(reason(test).starts_with("credential.id: "));
}

TEST(CheckBinding, RefusesASecondKeyForTheSameCredential) {
    auto test = good_binding(PhoneRole::signer);
    KnownKey key;
    key.key_id.fill(0x99);
    key.credential_id = "cred_0001";
    test.phone.keys = {key};
    EXPECT_TRUE(reason(test).starts_with("statement.key_id: "));
}

TEST(CheckBinding, RefusesKindsThatDoNotFit) {
    auto test = good_binding(PhoneRole::signer);
    for (const int kind : {3, 4, 5}) {
        test.item.at("statement").as_object()["kind"] = kind;
        seal_binding(test.item);
        EXPECT_TRUE(reason(test).starts_with("statement.kind: ")) << kind;
    }
    auto officer = good_binding(PhoneRole::officer);
    for (const int kind : {3, 4, 5}) {
        officer.item.at("statement").as_object()["kind"] = kind;
        seal_binding(officer.item);
        EXPECT_TRUE(reason(officer).starts_with("statement.policy: ")) << kind;
    }
}

TEST(CheckBinding, LetsTheOfficerBindAuthorityAndServicesWithoutActivationKeys) {
    auto test = good_binding(PhoneRole::officer);
    for (const int kind : {3, 4, 5}) {
        test.item.at("statement").as_object()["kind"] = kind;
        set_policy(test, policy_for(nullptr, "CN=Lê Minh An,C=VN", test_origin));
        EXPECT_EQ(reason(test), "approved") << kind;
    }
    test.item.at("statement").as_object()["kind"] = 1;
    seal_binding(test.item);
    EXPECT_TRUE(reason(test).starts_with("statement.policy: "));
}

TEST(CheckBinding, ShowsTheOfficerTheCodeOfEachPasskey) {
    auto test = good_binding(PhoneRole::officer);
    auto policy = policy_in(test);
    ASSERT_TRUE(policy.points.push_back(Passkey::generate().point()) &&
                policy.backup_eligible.push_back(1));
    set_policy(test, policy);

    const auto checked = check(test);

    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    EXPECT_EQ(checked->key_thumbprints.size(), 2u);
    EXPECT_EQ(checked->notices.size(), 1u);
    const auto text = item_text(*checked);
    const auto first = text.find("short code");
    EXPECT_NE(first, std::string::npos);
    EXPECT_NE(text.find("short code", first + 1), std::string::npos);
}

TEST(CheckBinding, RefusesAKeyThatIsBoundAlready) {
    auto test = good_binding(PhoneRole::officer);
    activation(test)["blob_version"] = 1;
    EXPECT_TRUE(reason(test).starts_with("activation.blob_version: "));
}

// ---- issue

// The batch again, with the person's certificate replaced.
Case with_certificate(Case test, const Bytes& tbs, const std::string& subject) {
    test.item.at("certificates").as_array()[1].as_object()["tbs"] = base64url(tbs);
    test.item.at("documents").as_array()[1] = {{"hash", base64url(sha256(ByteView(tbs)))},
                                               {"label", "certificate: " + subject}};
    seal(test.item);
    return test;
}

TEST(CheckIssuing, TellsWhatTheCertificatesSay) {
    const auto checked = check(good_issuing());

    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    ASSERT_EQ(checked->certificates.size(), 2u);
    EXPECT_TRUE(checked->notices.empty());
    EXPECT_TRUE(checked->certificates[0].authority);
    EXPECT_EQ(checked->certificates[1].subject, "CN=Lê Minh An,C=VN");
    EXPECT_EQ(checked->certificates[1].issuer, "CN=Kyso CA,C=VN");
    EXPECT_EQ(checked->certificates[1].serial_number, "1267");
    EXPECT_FALSE(checked->certificates[1].authority);
    EXPECT_EQ(checked->certificates[1].valid_to - checked->certificates[1].valid_from, 86400);
}

TEST(CheckIssuing, RefusesTheConfirmedKeyUnderAnotherName) {
    const openssl::EvpKeyPtr person(EVP_EC_gen("P-256"));
    auto test = good_issuing();
    test.phone.keys[1].key_id = key_id_of(person.get());
    const auto other = with_certificate(
        test, make_tbs({"Somebody", "Kyso CA", person.get(), false}), "CN=Somebody,C=VN");
    EXPECT_TRUE(reason(other).starts_with("certificates: ")) << reason(other);
}

TEST(CheckIssuing, SaysWhenAKeyWasNotConfirmedHere) {
    const openssl::EvpKeyPtr servers_own(EVP_EC_gen("P-256"));
    const auto test =
        with_certificate(good_issuing(),
                         make_tbs({"Lê Minh An", "Kyso CA", servers_own.get(), false}),
                         "CN=Lê Minh An,C=VN");

    const auto checked = check(test);

    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    EXPECT_EQ(checked->notices.size(), 1u);

    auto other_office = good_issuing();
    other_office.phone.keys.clear();
    const auto unknown = check(other_office);
    ASSERT_TRUE(unknown.has_value()) << unknown.error().text;
    EXPECT_EQ(unknown->notices.size(), 3u);
}

TEST(CheckIssuing, RefusesACertificateThatSaysMoreThanIsShown) {
    const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
    const auto with = [&](int type, const char* text) {
        return with_certificate(
            good_issuing(),
            make_tbs({"Lê Minh An", "Kyso CA", key.get(), false, {{type, text}}}),
            "CN=Lê Minh An,C=VN");
    };
    EXPECT_TRUE(check(with(NID_key_usage, "critical,digitalSignature,nonRepudiation")).has_value());

    for (const auto& [type, text] : std::vector<std::pair<int, const char*>>{
             {NID_key_usage, "critical,keyCertSign"},
             {NID_key_usage, "critical,digitalSignature,cRLSign"},
             {NID_subject_alt_name, "DNS:bank.example"},
             {NID_netscape_comment, "critical,unknown to readers"},
             {NID_basic_constraints, "critical,CA:FALSE"}}) {  // a second time
        const auto why = reason(with(type, text));
        EXPECT_TRUE(why.find("says more than a phone can show") != std::string::npos)
            << text << ": " << why;
    }
}

TEST(CheckIssuing, SaysWhatAServiceWillBeBelievedAbout) {
    const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
    const auto use = [&](const char* purpose) {
        const auto checked = check(with_certificate(
            good_issuing(),
            make_tbs({"Lê Minh An", "Kyso CA", key.get(), false, {{NID_ext_key_usage, purpose}}}),
            "CN=Lê Minh An,C=VN"));
        return checked ? checked->certificates[1].use : checked.error().text;
    };

    EXPECT_EQ(use("OCSPSigning"), "answers about the status of certificates");
    EXPECT_EQ(use("critical,timeStamping"), "time-stamps");
    EXPECT_EQ(use("emailProtection"), "");
}

TEST(CheckIssuing, RefusesAnotherAuthority) {
    const openssl::EvpKeyPtr person(EVP_EC_gen("P-256"));
    const auto test = with_certificate(good_issuing(),
                                       make_tbs({"Lê Minh An", "Kyso CA", person.get(), true}),
                                       "CN=Lê Minh An,C=VN");
    EXPECT_NE(reason(test).find("would become an authority"), std::string::npos);
}

TEST(CheckIssuing, RefusesAnotherIssuerName) {
    const openssl::EvpKeyPtr person(EVP_EC_gen("P-256"));
    const auto test = with_certificate(good_issuing(),
                                       make_tbs({"Lê Minh An", "Other CA", person.get(), false}),
                                       "CN=Lê Minh An,C=VN");
    EXPECT_TRUE(reason(test).starts_with("certificates: ")) << reason(test);
}

TEST(CheckIssuing, RefusesALabelThatIsNotTheSubject) {
    auto test = good_issuing();
    test.item.at("documents").as_array()[1].as_object()["label"] = "certificate: CN=Other,C=VN";
    seal(test.item);
    EXPECT_TRUE(reason(test).starts_with("documents: "));
}

TEST(CheckIssuing, RefusesBytesThatAreNotOneCertificate) {
    const openssl::EvpKeyPtr person(EVP_EC_gen("P-256"));
    const auto tbs = make_tbs({"Lê Minh An", "Kyso CA", person.get(), false});
    for (std::size_t size = 0; size < tbs.size(); size += 7) {
        const auto test =
            with_certificate(good_issuing(),
                             Bytes(tbs.begin(), tbs.begin() + static_cast<std::ptrdiff_t>(size)),
                             "CN=Lê Minh An,C=VN");
        EXPECT_NE(reason(test), "approved") << size;
    }
    auto longer = tbs;
    longer.push_back(0);
    EXPECT_NE(reason(with_certificate(good_issuing(), longer, "CN=Lê Minh An,C=VN")), "approved");
}

TEST(CheckIssuing, RefusesASignersPhone) {
    auto test = good_issuing();
    test.phone.role = PhoneRole::signer;
    EXPECT_TRUE(reason(test).starts_with("purpose: "));
}

TEST(CheckIssuing, RefusesAKeyThatWasConfirmedAsAPersons) {
    auto test = good_issuing();
    test.phone.keys[0].kind = KeyKind::person;
    EXPECT_TRUE(reason(test).starts_with("activation.key_id: "));
}

// ---- what is shown

// ---- revoke

TEST(CheckRevoking, TellsAnOfficerWhoseKeyDies) {
    const auto checked = check(good_revoking());
    ASSERT_TRUE(checked) << checked.error().text;
    EXPECT_TRUE(checked->notices.empty());
    EXPECT_NE(item_text(*checked).find("it will never sign again"), std::string::npos);

    auto test = good_revoking();
    test.phone.keys.clear();
    const auto unknown = check(test);
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->notices.size(), 1u);
}

TEST(CheckRevoking, RefusesWhatIsNotAboutThisKey) {
    auto test = good_revoking();
    test.phone.role = PhoneRole::signer;
    EXPECT_TRUE(reason(test).starts_with("purpose: "));

    test = good_revoking();
    activation(test)["blob_version"] = 3;
    EXPECT_TRUE(reason(test).starts_with("documents: "));

    test = good_revoking();
    test.item.at("documents").as_array()[0].as_object()["label"] = "contract.pdf";
    seal(test.item);
    EXPECT_TRUE(reason(test).starts_with("documents: "));

    test = good_revoking();
    test.item.at("credential").as_object()["subject"] = "CN=Somebody Else,C=VN";
    EXPECT_TRUE(reason(test).starts_with("credential.subject: "));

    test = good_revoking();
    test.item.at("algorithm").as_object()["scheme"] = "ecdsa";
    EXPECT_TRUE(reason(test).starts_with("algorithm: "));
}

TEST(ItemText, EscapesWhatTheServerSends) {
    auto test = good_signing();
    test.item["requester"] = "Bank\x1b[2K\nfrom  somebody";
    seal(test.item);

    const auto checked = check(test);

    ASSERT_TRUE(checked.has_value());
    const auto text = item_text(*checked);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find("Bank\\u{1b}[2K\\u{a}from  somebody"), std::string::npos);
}

TEST(ItemText, ShowsEveryDocument) {
    const auto checked = check(good_signing());

    const auto text = item_text(*checked);

    for (const char* part : {"Trường THPT Chu Văn An",
                             "Ký học bạ năm học 2025–2026",
                             "47",
                             "Học bạ: Lê Minh An",
                             "Học bạ: Trần Gia Bảo",
                             "(no label)",
                             "3/3",
                             "ecdsa sha256",
                             "CN=Lê Minh An,C=VN"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part;
    }
}

}  // namespace
}  // namespace hsm::softphone::testing
