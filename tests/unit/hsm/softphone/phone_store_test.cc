#include "hsm/softphone/phone_store.h"

#include <sys/stat.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

using testing::read_text;
using testing::TestFolder;
using testing::write_text;

const NewPhone phone{PhoneRole::signer,
                     "phone",
                     "approve.localhost",
                     "https://approve.localhost",
                     Backup::single_device};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
}

TEST(PhoneStore, KeepsEverything) {
    const TestFolder folder;
    const auto path = folder.path("deep/er/phone.json");
    auto store = PhoneStore::create(path, phone);
    ASSERT_TRUE(store.has_value());

    ASSERT_TRUE(
        store->set_session({"https://approve.localhost", "/ca.pem", "tok-en_1"}).has_value());
    ASSERT_TRUE(store
                    ->update([](PhoneState& state) {
                        state.enrolment = Enrolment{"cred", "tx"};
                        KnownKey key;
                        key.key_id.fill(7);
                        key.kind = protocol::KeyKind::organisation;
                        key.policy_hash.fill(8);
                        key.policy = {1, 2, 3};
                        key.subject = "CN=Lê Minh An";
                        key.version = 4;
                        key.credential_id = "cred";
                        state.keys.push_back(key);
                    })
                    .has_value());

    const auto again = PhoneStore::open(path);
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(write_state(again->state()), write_state(store->state()));
    EXPECT_EQ(again->passkey().point(), store->passkey().point());
    EXPECT_EQ(again->state().keys.at(0).subject, "CN=Lê Minh An");
    EXPECT_EQ(again->state().server.session, "tok-en_1");
    EXPECT_EQ(again->state().enrolment->transaction_id, "tx");
}

TEST(PhoneStore, IsForItsOwnerOnly) {
    const TestFolder folder;
    const auto path = folder.path("phone.json");
    ASSERT_TRUE(PhoneStore::create(path, phone).has_value());

    EXPECT_EQ(mode_of(path), 0600u);
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    const auto open = PhoneStore::open(path);
    ASSERT_FALSE(open.has_value());
    EXPECT_NE(open.error().text.find("chmod"), std::string::npos);
}

TEST(PhoneStore, IsNotMadeOverAnother) {
    const TestFolder folder;
    const auto path = folder.path("phone.json");
    ASSERT_TRUE(PhoneStore::create(path, phone).has_value());
    const auto before = read_text(path);

    const auto second = PhoneStore::create(path, phone);

    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().kind, ProblemKind::store);
    EXPECT_EQ(read_text(path), before);
}

TEST(PhoneStore, AppliesAChangeToWhatAnotherProcessWrote) {
    const TestFolder folder;
    const auto path = folder.path("phone.json");
    auto first = PhoneStore::create(path, phone);
    auto second = PhoneStore::open(path);
    ASSERT_TRUE(first.has_value() && second.has_value());

    ASSERT_TRUE(first->update([](PhoneState& state) { state.name = "renamed"; }).has_value());
    ASSERT_TRUE(second->update([](PhoneState& state) { ++state.sign_count; }).has_value());

    EXPECT_EQ(second->state().name, "renamed");
    EXPECT_EQ(PhoneStore::open(path)->state().sign_count, 1u);
}

TEST(PhoneStore, CountsEachAssertionBeforeItIsMade) {
    const TestFolder folder;
    const auto path = folder.path("phone.json");
    auto store = PhoneStore::create(path, phone);
    ASSERT_TRUE(store.has_value());

    for (unsigned count = 1; count <= 3; ++count) {
        const auto assertion = store->assert_challenge(Digest{});

        ASSERT_TRUE(assertion.has_value());
        EXPECT_EQ(assertion->authenticator_data[36], count);
        EXPECT_EQ(PhoneStore::open(path)->state().sign_count, count);
    }
    std::filesystem::remove(path);
    EXPECT_FALSE(store->assert_challenge(Digest{}).has_value());
}

TEST(PhoneStore, MakesNothingWhenItCannotWrite) {
    EXPECT_FALSE(PhoneStore::create("/proc/kyso/phone.json", phone).has_value());
    EXPECT_FALSE(PhoneStore::open("/nonexistent/phone.json").has_value());
    const TestFolder folder;
    EXPECT_FALSE(PhoneStore::create(folder.path("a"), {}).has_value());
    EXPECT_FALSE(PhoneStore::open(folder.root()).has_value());
}

TEST(PhoneStore, TakesNoSessionThatCouldSplitAHeader) {
    const TestFolder folder;
    auto store = PhoneStore::create(folder.path("phone.json"), phone);

    for (const char* session : {"", "a b", "a\r\nX: y", "ü"}) {
        const auto set = store->set_session({"https://approve.localhost", "", session});

        ASSERT_FALSE(set.has_value()) << session;
        EXPECT_EQ(set.error().kind, ProblemKind::input);
    }
}

// Every member missing, and every member of another type.
TEST(PhoneStore, RefusesAFileThatIsNotWhole) {
    const TestFolder folder;
    const auto path = folder.path("phone.json");
    ASSERT_TRUE(PhoneStore::create(path, phone).has_value());
    const auto good = json::parse(read_text(path)).as_object();

    for (const auto& [name, value] : good) {
        auto missing = good;
        missing.erase(name);
        auto wrong = good;
        wrong[name] = value.is_string() ? json::value(1) : json::value("x");
        for (const auto& bad : {missing, wrong}) {
            write_text(path, json::serialize(bad));
            const auto open = PhoneStore::open(path);
            ASSERT_FALSE(open.has_value()) << name;
            EXPECT_EQ(open.error().kind, ProblemKind::store);
        }
    }
    for (const char* text : {"", "{", "[]", "null"}) {
        write_text(path, text);
        EXPECT_FALSE(PhoneStore::open(path).has_value()) << text;
    }
}

}  // namespace
}  // namespace hsm::softphone
