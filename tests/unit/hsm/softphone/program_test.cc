#include "tests/unit/hsm/softphone/program.h"

#include <gtest/gtest.h>

#include "hsm/openssl/hex.h"
#include "hsm/softphone/approver.h"
#include "hsm/softphone/phone_store.h"
#include "tests/unit/hsm/softphone/approve_server.h"
#include "tests/unit/hsm/softphone/good_item.h"

namespace hsm::softphone::testing {
namespace {

namespace json = boost::json;

struct EnrolledPhone {
    TestFolder folder;
    ApproveServer server;
    Finished enrolled;

    EnrolledPhone() {
        enrolled = run_phone(folder, {"enrol", "--link", server.link(), "--ca", server.ca_file()});
    }

    void ask(const char* id, const std::function<void(json::object&)>& change = {}) {
        const auto store = PhoneStore::open(store_of(folder));
        CHECK(store.has_value());
        const auto& key = store->state().keys.at(0);
        auto item = signing_item(key.key_id,
                                 key.policy_hash,
                                 store->passkey().thumbprint(),
                                 server.origin(),
                                 now_ms() + 600'000);
        item["id"] = id;
        if (change) {
            change(item);
        }
        server.add(item);
    }
};

TEST(KysoPhone, EnrolsAndShowsTheShortCode) {
    EnrolledPhone phone;

    EXPECT_EQ(phone.enrolled.code, 0) << phone.enrolled.err;
    EXPECT_NE(phone.enrolled.out.find("short code "), std::string::npos);
    EXPECT_NE(phone.enrolled.out.find(ApproveServer::subject), std::string::npos);
    const auto again = run_phone(phone.folder,
                                 {"enrol", "--link", "-", "--ca", phone.server.ca_file()},
                                 phone.server.link() + "\n");
    EXPECT_EQ(again.code, 2);
    EXPECT_NE(again.err.find("--store"), std::string::npos);
}

TEST(KysoPhone, MakesAnOfficersPasskeyAndSaysItsLinesForThePlan) {
    TestFolder folder;
    const std::vector<std::string> command = {
        "officer", "--rp-id", "approve.test", "--origin", "https://approve.test:8443", "--json"};

    const auto made = run_phone(folder, command);

    ASSERT_EQ(made.code, 0) << made.err;
    const auto store = PhoneStore::open(store_of(folder));
    ASSERT_TRUE(store.has_value());
    EXPECT_EQ(PhoneRole::officer, store->state().role);
    EXPECT_EQ(openssl::hex(store->passkey().point()),
              json::parse(made.out).at("point").as_string());
    EXPECT_NE(run_phone(folder, command).code, 0);  // nothing is written over
    TestFolder other;
    const auto elsewhere = run_phone(
        other, {"officer", "--rp-id", "approve.test", "--origin", "https://approve.testing"});
    EXPECT_EQ(elsewhere.code, 2);
    EXPECT_NE(elsewhere.err.find("--origin"), std::string::npos);
}

TEST(KysoPhone, ApprovesAfterAYesAndOnlyThen) {
    EnrolledPhone phone;
    phone.ask("tx_sign");

    const auto no = run_phone(phone.folder, {"approve", "tx_sign"}, "n\n");
    const auto nothing = run_phone(phone.folder, {"approve", "--all"});
    EXPECT_EQ(no.code, 1);
    EXPECT_EQ(nothing.code, 1);
    EXPECT_NE(no.err.find("Học bạ: Lê Minh An"), std::string::npos);
    EXPECT_EQ(phone.server.answers().size(), 1u);

    const auto yes = run_phone(phone.folder, {"approve", "tx_sign"}, "y\n");
    EXPECT_EQ(yes.code, 0) << yes.err;
    EXPECT_EQ(yes.out, "tx_sign approved\n");
    EXPECT_EQ(phone.server.answers().size(), 2u);
}

TEST(KysoPhone, WaitsUntilSomethingIsPending) {
    EnrolledPhone phone;
    phone.ask("tx_a");
    phone.ask("tx_b");
    phone.server.hide_until(3);

    const auto done =
        run_phone(phone.folder, {"approve", "--all", "--yes", "--wait", "60", "--json"});

    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(json::parse(done.out),
              json::value(json::array{json::object{{"id", "tx_a"}, {"state", "approved"}},
                                      json::object{{"id", "tx_b"}, {"state", "approved"}}}));
    const auto none = run_phone(phone.folder, {"approve", "--all", "--yes"});
    EXPECT_EQ(none.code, 1);
    EXPECT_NE(none.err.find("nothing is pending"), std::string::npos);
}

TEST(KysoPhone, RefusesWhatDoesNotMatchAndSaysWhy) {
    EnrolledPhone phone;
    phone.ask("tx_good");
    phone.ask("tx_bad", [](json::object& item) { item["requester"] = "somebody else"; });

    const auto done = run_phone(phone.folder, {"approve", "--all", "--yes"});

    EXPECT_EQ(done.code, 1);
    EXPECT_EQ(done.out, "tx_good approved\n");
    EXPECT_NE(done.err.find("tx_bad: activation.context_hash"), std::string::npos) << done.err;
    const auto listed = run_phone(phone.folder, {"pending"});
    EXPECT_EQ(listed.code, 0);
    EXPECT_NE(listed.out.find("REFUSED"), std::string::npos);
}

TEST(KysoPhone, ListsAndShows) {
    EnrolledPhone phone;
    EXPECT_EQ(run_phone(phone.folder, {"pending"}).out, "nothing is pending\n");
    phone.ask("tx_sign");

    const auto listed = json::parse(run_phone(phone.folder, {"pending", "--json"}).out);
    const auto shown = run_phone(phone.folder, {"show", "tx_sign"});

    ASSERT_EQ(listed.as_array().size(), 1u);
    EXPECT_EQ(listed.at(0).at("id").as_string(), "tx_sign");
    EXPECT_EQ(listed.at(0).at("documents").as_array().size(), 3u);
    EXPECT_NE(shown.out.find("Trường THPT Chu Văn An"), std::string::npos);
    // A binding that was approved long ago.
    const auto settled = json::parse(run_phone(phone.folder, {"show", "tx_0001", "--json"}).out);
    EXPECT_EQ(settled.at("state").as_string(), "approved");
    EXPECT_TRUE(settled.at("receipts").as_array().empty());
}

TEST(KysoPhone, RejectsAndDisowns) {
    EnrolledPhone phone;
    phone.ask("tx_a");
    phone.ask("tx_b");

    EXPECT_EQ(run_phone(phone.folder, {"reject", "tx_a"}).out, "tx_a rejected\n");
    EXPECT_EQ(run_phone(phone.folder, {"not-mine", "tx_b", "--json"}).out,
              "{\"id\":\"tx_b\",\"state\":\"not_mine\"}\n");
    EXPECT_EQ(run_phone(phone.folder, {"reject", "tx_none"}).code, 1);
}

TEST(KysoPhone, DoesNotJudgeForAPerson) {
    const TestFolder folder;
    ApproveServer server;
    auto officer = PhoneStore::create(
        store_of(folder),
        {PhoneRole::officer, "officer", test_rp_id, server.origin(), Backup::single_device});
    ASSERT_TRUE(officer.has_value());
    ASSERT_TRUE(officer->set_session({server.origin(), server.ca_file(), ApproveServer::session})
                    .has_value());
    auto test = good_issuing();
    test.item["origin"] = server.origin();
    test.item["expires_at"] = now_ms() + 600'000;
    test.item["thumbprints"] = json::array{json::value(base64url(officer->passkey().thumbprint()))};
    server.add(test.item);

    const auto alone = run_phone(folder, {"approve", "--all", "--yes"});
    EXPECT_EQ(alone.code, 1);
    EXPECT_NE(alone.err.find("not confirmed on this phone"), std::string::npos) << alone.err;
    EXPECT_TRUE(server.answers().empty());

    const auto person = run_phone(folder, {"approve", "tx_0001"}, "y\n");
    EXPECT_EQ(person.code, 0) << person.err;
    EXPECT_NE(person.err.find("NOTICE"), std::string::npos);
}

TEST(KysoPhone, ExplainsItself) {
    const TestFolder folder;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                      {"enrol", "--help"},
                                                      {"pending", "--help"},
                                                      {"show", "--help"},
                                                      {"approve", "--help"},
                                                      {"reject", "--help"},
                                                      {"not-mine", "--help"}}) {
        const auto help = run_phone(folder, arguments);
        EXPECT_EQ(help.code, 0) << arguments.front();
        EXPECT_NE(help.out.find("Usage: kyso-phone"), std::string::npos) << help.out;
        EXPECT_TRUE(help.err.empty());
    }
}

TEST(KysoPhone, TakesNoWrongCommandLine) {
    const TestFolder folder;
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"frobnicate"},
        {"pending", "--frobnicate"},
        {"show"},
        {"reject"},
        {"enrol"},
        {"enrol", "--link", "https://approve.localhost/"},
        {"enrol", "--link", "https://approve.localhost/enrol#x", "--ca", "/nonexistent.pem"},
        {"approve"},
        {"approve", "tx_1", "--all"},
        {"approve", "--all", "--wait", "-1"},
        {"approve", "--all", "--wait", "soon"},
        {"pending"},
        {"show", "tx_1", "--store", "/nonexistent/phone.json"}};
    for (const auto& arguments : wrong) {
        const auto finished = run_phone(folder, arguments);

        EXPECT_EQ(finished.code, 2) << (arguments.empty() ? "(none)" : arguments.front());
        EXPECT_TRUE(finished.out.empty());
        EXPECT_FALSE(finished.err.empty());
    }
}

TEST(KysoPhone, SaysWhenTheServerIsAway) {
    const TestFolder folder;
    std::string link;
    std::string ca_file = folder.path("ca.pem").string();
    {
        ApproveServer server;
        link = server.link();
        write_text(ca_file, read_text(server.ca_file()));
    }

    const auto finished = run_phone(folder, {"enrol", "--link", link, "--ca", ca_file});

    EXPECT_EQ(finished.code, 1);
    EXPECT_NE(finished.err.find("is the server running?"), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace hsm::softphone::testing
