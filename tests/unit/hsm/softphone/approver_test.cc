#include "hsm/softphone/approver.h"

#include <gtest/gtest.h>

#include "hsm/openssl/digest.h"
#include "hsm/softphone/enrolment.h"
#include "tests/unit/hsm/softphone/approve_server.h"
#include "tests/unit/hsm/softphone/good_item.h"

namespace hsm::softphone::testing {
namespace {

namespace json = boost::json;

Bytes bytes_at(const json::value& body, const char* name) {
    auto bytes = from_base64url(body.at(name).as_string());
    CHECK(bytes.has_value());
    return *std::move(bytes);
}

// The module's check of an assertion, by OpenSSL alone.
bool is_assertion_of(const protocol::Point& point,
                     const std::string& origin,
                     const Digest& challenge,
                     const json::value& body) {
    const auto client_data = bytes_at(body, "client_data_json");
    auto message = bytes_at(body, "authenticator_data");
    const auto client_data_hash = sha256(ByteView(client_data));
    const bool place =
        equal(ByteView(message).first(32), sha256(test_rp_id)) && message[32] == 0x05 &&
        text_of(client_data) == R"({"type":"webauthn.get","challenge":")" + base64url(challenge) +
                                    R"(","origin":")" + origin + R"(","crossOrigin":false})";
    message.insert(message.end(), client_data_hash.begin(), client_data_hash.end());
    const auto spki = protocol::p256_spki(point);
    const auto* at = spki.data();
    const openssl::EvpKeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    const openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    const auto signature = bytes_at(body, "signature");
    return place &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(
               context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
               1;
}

struct Fixture {
    TestFolder folder;
    ApproveServer server;
    EnrolRequest request;

    Fixture() {
        request.store = folder.path("phone.json");
        request.link = *parse_enrolment_link(server.link());
        request.name = "phone";
        request.ca_file = server.ca_file();
    }
};

TEST(Enrolment, MakesThePasskeyAndApprovesItsBinding) {
    Fixture fixture;

    const auto enrolled = enrol(fixture.request);

    ASSERT_TRUE(enrolled.has_value()) << enrolled.error().text;
    EXPECT_EQ(enrolled->state, "approved");
    EXPECT_EQ(enrolled->subject, ApproveServer::subject);
    EXPECT_EQ(enrolled->short_code.size(), 14u);
    const auto store = PhoneStore::open(fixture.request.store);
    ASSERT_TRUE(store.has_value());
    EXPECT_EQ(store->passkey().point(), fixture.server.enrolled_point());
    ASSERT_EQ(store->state().keys.size(), 1u);
    EXPECT_EQ(store->state().keys[0].subject, ApproveServer::subject);
    EXPECT_EQ(store->state().keys[0].version, 1u);
    EXPECT_EQ(store->state().keys[0].policy_hash, sha256(ByteView(store->state().keys[0].policy)));
    const auto answers = fixture.server.answers();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].action, "approve");
}

TEST(Enrolment, GoesOnWithTheSamePasskeyAfterAFailure) {
    Fixture fixture;
    fixture.server.break_next_enrolment();
    const auto failed = enrol(fixture.request);
    ASSERT_FALSE(failed.has_value());
    EXPECT_NE(failed.error().text.find("no module answers"), std::string::npos);
    const auto point = PhoneStore::open(fixture.request.store)->passkey().point();

    const auto enrolled = enrol(fixture.request);

    ASSERT_TRUE(enrolled.has_value()) << enrolled.error().text;
    EXPECT_EQ(fixture.server.enrolled_point(), point);
}

TEST(Enrolment, LeavesAnEnrolledPhoneAsItIs) {
    Fixture fixture;
    ASSERT_TRUE(enrol(fixture.request).has_value());
    const auto before = read_text(fixture.request.store);

    const auto again = enrol(fixture.request);

    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, ProblemKind::input);
    EXPECT_EQ(read_text(fixture.request.store), before);
}

// A hostile server at the one moment when the phone learns anything.
TEST(Enrolment, RefusesABindingThatIsNotItsOwn) {
    const auto servers_own = Passkey::generate().point();
    const std::vector<std::function<void(json::object&)>> changes = {
        [](auto& item) {
            item["purpose"] = "sign";
            item.erase("statement");
            seal(item);
        },
        [](auto& item) { item.at("credential").as_object()["subject"] = "CN=Other"; },
        [](auto& item) { item["origin"] = "https://evil.localhost"; },
        [](auto& item) { item["id"] = "tx_0002"; },
        [&](auto& item) {
            const auto policy =
                policy_for(&servers_own, ApproveServer::subject, item.at("origin").as_string());
            item.at("statement").as_object()["policy"] = base64url(encoded(policy));
            seal_binding(item);
        },
        [&](auto& item) {
            const auto bytes = from_base64url(item.at("statement").at("policy").as_string());
            auto policy = *protocol::decode<protocol::Policy>(*bytes);
            CHECK(policy.points.push_back(servers_own) && policy.backup_eligible.push_back(0));
            item.at("statement").as_object()["policy"] = base64url(encoded(policy));
            seal_binding(item);
        }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Fixture fixture;
        fixture.server.tamper_binding(changes[i]);

        const auto enrolled = enrol(fixture.request);

        EXPECT_FALSE(enrolled.has_value()) << i;
        EXPECT_TRUE(fixture.server.answers().empty()) << i;
        EXPECT_TRUE(PhoneStore::open(fixture.request.store)->state().keys.empty()) << i;
    }
}

// An enrolled phone and what it is asked to sign.
struct Signing : Fixture {
    std::optional<PhoneStore> store;
    std::optional<HttpsClient> http;
    std::optional<Approver> approver;

    Signing() {
        CHECK(enrol(request).has_value());
        auto opened = PhoneStore::open(request.store);
        CHECK(opened.has_value());
        store.emplace(*std::move(opened));
        http.emplace(client_for(*store));
        auto connected = Approver::connect(*store, *http);
        CHECK(connected.has_value());
        approver.emplace(*std::move(connected));
    }

    json::object item(const char* id) {
        const auto& key = store->state().keys.at(0);
        auto made = signing_item(key.key_id,
                                 key.policy_hash,
                                 store->passkey().thumbprint(),
                                 server.origin(),
                                 now_ms() + 60'000);
        made["id"] = id;
        return made;
    }
};

TEST(Approver, ApprovesWhatItHasChecked) {
    Signing phone;
    phone.server.add(phone.item("tx_sign"));

    const auto pending = phone.approver->pending();
    ASSERT_TRUE(pending.has_value()) << pending.error().text;
    ASSERT_EQ(pending->size(), 1u);
    const auto checked = phone.approver->check(pending->front());
    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    const auto state = phone.approver->approve(*checked);

    ASSERT_TRUE(state.has_value()) << state.error().text;
    EXPECT_EQ(*state, "approved");
    const auto answers = phone.server.answers();
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[1].id, "tx_sign");
    EXPECT_TRUE(is_assertion_of(phone.store->passkey().point(),
                                phone.server.origin(),
                                checked->challenge,
                                answers[1].body));
    EXPECT_EQ(bytes_at(answers[1].body, "thumbprint"),
              Bytes(checked->item.thumbprints[1].begin(), checked->item.thumbprints[1].end()));
    EXPECT_EQ(phone.store->state().sign_count, 2u);
}

TEST(Approver, RemembersTheHighestVersionItApproved) {
    Signing phone;
    auto item = phone.item("tx_newer");
    item.at("activation").as_object()["blob_version"] = 5;
    phone.server.add(item);
    const auto checked = phone.approver->check(*phone.approver->item("tx_newer"));
    ASSERT_TRUE(checked.has_value()) << checked.error().text;
    ASSERT_TRUE(phone.approver->approve(*checked).has_value());

    phone.server.add(phone.item("tx_older"));
    const auto older = phone.approver->check(*phone.approver->item("tx_older"));

    ASSERT_FALSE(older.has_value());
    EXPECT_TRUE(older.error().text.starts_with("activation.blob_version"));
}

TEST(Approver, RejectsAndDisowns) {
    Signing phone;
    phone.server.add(phone.item("tx_a"));
    phone.server.add(phone.item("tx_b"));

    EXPECT_EQ(*phone.approver->reject("tx_a"), "rejected");
    EXPECT_EQ(*phone.approver->not_mine("tx_b"), "not_mine");

    const auto answers = phone.server.answers();
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[1].action, "reject");
    EXPECT_EQ(answers[2].action, "not-mine");
}

TEST(Approver, SaysWhatTheServerSays) {
    Signing phone;

    const auto missing = phone.approver->item("tx_none");
    ASSERT_FALSE(missing.has_value());
    EXPECT_NE(missing.error().text.find("404 not_found: no such transaction"), std::string::npos);
    EXPECT_EQ(phone.approver->item("../pending").error().kind, ProblemKind::input);
    EXPECT_EQ(phone.approver->reject("a b").error().kind, ProblemKind::input);

    ASSERT_TRUE(phone.store->set_session({phone.server.origin(), phone.server.ca_file(), "stale"})
                    .has_value());
    const auto stale = phone.approver->pending();
    ASSERT_FALSE(stale.has_value());
    EXPECT_NE(stale.error().text.find("401"), std::string::npos);
}

TEST(Approver, NeedsASession) {
    const TestFolder folder;
    auto store = PhoneStore::create(
        folder.path("officer.json"),
        {PhoneRole::officer, "officer", test_rp_id, test_origin, Backup::single_device});
    ASSERT_TRUE(store.has_value());
    HttpsClient http;

    EXPECT_FALSE(Approver::connect(*store, http).has_value());
    ASSERT_TRUE(store->set_session({test_origin, "", "abc"}).has_value());
    EXPECT_TRUE(Approver::connect(*store, http).has_value());
}

}  // namespace
}  // namespace hsm::softphone::testing
