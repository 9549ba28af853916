#include "tests/support/module_process.h"

#include <fstream>
#include <pwd.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace {

using hsm::Status;
using hsm::protocol::GetInfoRequest;
using hsm::protocol::Role;
using hsm::protocol::State;
using namespace std::chrono_literals;
using tests::support::ModuleProcess;
using tests::support::ProcessGroup;
using tests::support::ProcessToken;
using tests::support::run_command;
using tests::support::ScratchFolder;
using tests::support::TokenKind;

hsm::client::Deadline soon() {
    return hsm::client::after(10s);
}

auto info_of(const ModuleProcess& module) {
    auto session = module.connect();
    auto reply = session.call(GetInfoRequest{}, soon());
    CHECK(reply.has_value());
    return *std::move(reply);
}

class ModuleProcessOn : public testing::TestWithParam<TokenKind> {
protected:
    ScratchFolder folder_;
};

TEST_P(ModuleProcessOn, StartsBlankAndSaysWhatItIs) {
    const ProcessToken token(folder_.path() / "token", GetParam());
    ModuleProcess module(folder_.path() / "module", token);
    module.start();

    const auto info = info_of(module);

    EXPECT_EQ(State::blank, info->state);
    EXPECT_EQ(GetParam() == TokenKind::psa ? "psa" : "softhsm", info->engine);
    EXPECT_EQ(1u, info->boot_counter);
    EXPECT_EQ(0, info->separated);
    EXPECT_NE(hsm::Digest{}, info->firmware_hash);
    EXPECT_EQ(hsm::protocol::p256_spki_size, info->identity_spki.size());
}

TEST_P(ModuleProcessOn, KeepsIdentityOverRestartsAndCountsThem) {
    const ProcessToken token(folder_.path() / "token", GetParam());
    ModuleProcess module(folder_.path() / "module", token);
    module.start();
    const auto before = info_of(module);
    const auto id = before->module_id;
    const auto nonce = before->provisioning_nonce;

    EXPECT_EQ(0, module.stop()) << module.log();
    EXPECT_FALSE(std::filesystem::exists(module.socket()));
    module.start();
    const auto stopped = info_of(module);
    EXPECT_EQ(id, stopped->module_id);
    EXPECT_EQ(2u, stopped->boot_counter);
    EXPECT_NE(nonce, stopped->provisioning_nonce);
    module.kill();
    EXPECT_TRUE(std::filesystem::exists(module.socket()));
    module.start();
    EXPECT_EQ(3u, info_of(module)->boot_counter);
    EXPECT_EQ(id, info_of(module)->module_id);
}

TEST_P(ModuleProcessOn, SignsOnceForOneApprovalAlsoOverARestart) {
    ProcessGroup group(folder_.path(), GetParam());
    auto& module = group[0];
    auto target = module.target();
    const auto holder = tests::support::enrol(target, group.people);
    ASSERT_TRUE(holder) << hsm::base::status_name(holder.error());
    const auto signing = tests::support::approved_signing(target, group.people, *holder, 3);
    ASSERT_TRUE(signing);

    const auto signed_reply = tests::support::call(target, signing->request(1));
    ASSERT_TRUE(signed_reply) << hsm::base::status_name(signed_reply.error());
    const auto again = tests::support::call(target, signing->request(1));
    ASSERT_FALSE(again);
    EXPECT_EQ(Status::activation_spent, again.error());
    module.kill();
    module.start();
    target = module.target();
    const auto kept = tests::support::call(
        target, hsm::protocol::GetResultRequest{signing->activation.challenge, 1});
    const auto of_before = tests::support::call(target, signing->request(2));

    ASSERT_TRUE(kept);
    EXPECT_TRUE(hsm::equal((*signed_reply)->signature, (*kept)->signature));
    ASSERT_FALSE(of_before);
    EXPECT_EQ(Status::activation_mac_wrong, of_before.error());
    EXPECT_EQ(1u, tests::support::count_signatures(target));
}

// Nothing else waits for an RSA key (issue 3, part 1).
TEST_P(ModuleProcessOn, ServesOthersWhileItMakesAnRsaKey) {
    ProcessGroup group(folder_.path(), GetParam());
    auto target = group[0].target();
    auto other = group[0].target();
    const auto holder = tests::support::enrol(target, group.people);
    ASSERT_TRUE(holder);
    const auto policy = tests::support::policy_of(
        group.people, {std::vector<tests::support::Passkey>(1), hsm::Digest{}});
    const hsm::protocol::GenerateKeyRequest request{
        hsm::protocol::KeyKind::person, hsm::protocol::KeyType::rsa4096, policy, 0};

    ASSERT_EQ(Status::busy, tests::support::call(target, request).error());
    const auto signing = tests::support::approved_signing(other, group.people, *holder);
    ASSERT_TRUE(signing);
    EXPECT_TRUE(tests::support::call(other, signing->request()));
    EXPECT_EQ(Status::busy, tests::support::call(target, request).error())
        << "what was asked in between was answered first";

    EXPECT_TRUE(tests::support::generate_key(target, request.kind, request.key_type, policy));
}

TEST_P(ModuleProcessOn, StopsWhileItMakesAnRsaKey) {
    ProcessGroup group(folder_.path(), GetParam());
    const auto policy = tests::support::policy_of(
        group.people, {std::vector<tests::support::Passkey>(1), hsm::Digest{}});
    const hsm::protocol::GenerateKeyRequest request{
        hsm::protocol::KeyKind::person, hsm::protocol::KeyType::rsa2048, policy, 0};
    ASSERT_EQ(Status::busy, tests::support::call(group[0].target(), request).error());
    EXPECT_EQ(0, group[0].stop()) << group[0].log();
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         ModuleProcessOn,
                         testing::Values(TokenKind::psa, TokenKind::softhsm),
                         [](const auto& chosen) {
                             return chosen.param == TokenKind::psa ? "psa" : "softhsm";
                         });

class ModuleProcessTest : public testing::Test {
protected:
    ModuleProcessTest()
        : token_(folder_.path() / "token", TokenKind::psa),
          module_(folder_.path() / "module", token_) {}

    // Another kyso-module with these settings: its exit status and what it says.
    std::pair<int, std::string> run_another(const std::string& settings) {
        const auto file = folder_.path() / "another.toml";
        std::ofstream(file) << settings;
        const auto output = folder_.path() / "another.log";
        const int status = run_command(
            {std::string(std::getenv("KYSO_BIN")) + "/kyso-module", "--config", file.string()},
            {},
            output);
        return {status, tests::support::read_text(output)};
    }

    ScratchFolder folder_;
    ProcessToken token_;
    ModuleProcess module_;
};

TEST_F(ModuleProcessTest, LeavesStoreAndSocketToWhoeverHasThem) {
    module_.start();
    const auto paths = [&](const std::string& socket, const std::string& store) {
        return "socket = \"" + socket + "\"\nstore = \"" + store + "\"\npsk_folder = \"" +
               (module_.folder() / "psk").string() + "\"\nname = \"another\"\n" + token_.settings();
    };

    const auto same_store = run_another(paths("other.sock", module_.store().string()));
    const auto same_socket = run_another(paths(module_.socket().string(), "other.store"));

    EXPECT_EQ(2, same_store.first);
    EXPECT_NE(std::string::npos, same_store.second.find("another process uses this store"));
    EXPECT_EQ(2, same_socket.first);
    EXPECT_NE(std::string::npos, same_socket.second.find("another process answers there"));
    EXPECT_EQ(State::blank, info_of(module_)->state);
}

TEST_F(ModuleProcessTest, LetsNobodyElseReachItsSocket) {
    module_.start();

    const auto status = std::filesystem::status(module_.socket());

    EXPECT_EQ(std::filesystem::perms(0600), status.permissions());
}

TEST_F(ModuleProcessTest, SaysWhenItsUidIsItsOwn) {
    module_.more_settings = "server_uid = 12345\n";
    module_.start();

    EXPECT_EQ(1, info_of(module_)->separated);
}

TEST_F(ModuleProcessTest, BecomesAnotherUserWhenItsSettingsSaySo) {
    const auto* nobody = ::getpwnam("nobody");
    if (::geteuid() != 0 || nobody == nullptr) {
        GTEST_SKIP() << "only root can become another user";
    }
    // The engine writes its vault as that user; everything else is open by then.
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    ASSERT_EQ(0, ::chown(token_.folder().c_str(), nobody->pw_uid, nobody->pw_gid));
    module_.more_settings = "user = \"nobody\"\nserver_uid = 0\n";
    module_.start();

    const auto info = info_of(module_);
    const auto status =
        tests::support::read_text("/proc/" + std::to_string(module_.pid()) + "/status");

    EXPECT_EQ(1, info->separated);
    const auto uid = std::to_string(nobody->pw_uid);
    EXPECT_NE(std::string::npos,
              status.find("Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid));
    EXPECT_EQ(0, module_.stop());
}

TEST_F(ModuleProcessTest, LeavesNoCoreAndLetsNobodyTrace) {
    module_.start();

    const auto limits =
        tests::support::read_text("/proc/" + std::to_string(module_.pid()) + "/limits");
    const auto status =
        tests::support::read_text("/proc/" + std::to_string(module_.pid()) + "/status");

    EXPECT_NE(std::string::npos, limits.find("Max core file size        0                    0"));
    EXPECT_NE(std::string::npos, status.find("NoNewPrivs:\t1"));
}

TEST_F(ModuleProcessTest, WaitsForUnlockWithoutAPinFile) {
    module_.settings_without_pin = true;
    module_.start();
    auto session = module_.connect(Role::operating);
    EXPECT_EQ(State::locked, info_of(module_)->state);

    const auto unlocked =
        session.call(hsm::protocol::UnlockRequest{hsm::view_of(token_.pin())}, soon());
    const auto twice =
        session.call(hsm::protocol::UnlockRequest{hsm::view_of(token_.pin())}, soon());

    EXPECT_TRUE(unlocked);
    EXPECT_EQ(State::blank, info_of(module_)->state);
    ASSERT_FALSE(twice);
    EXPECT_EQ(Status::wrong_state, twice.error());
}

TEST_F(ModuleProcessTest, AnswersWhatItHasBeforeItStops) {
    module_.start();
    auto session = module_.connect();
    std::array<hsm::Byte, 64> buffer;
    const auto request = hsm::protocol::encode_request(1, GetInfoRequest{}, buffer);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(session.send(*request, soon()));
    }

    EXPECT_EQ(0, module_.stop());

    // What had reached it is answered; then the session ends properly.
    hsm::Result<hsm::ByteView> answer = Status::io_failed;
    int answers = 0;
    while ((answer = session.receive(soon()))) {
        ++answers;
    }
    EXPECT_EQ(Status::link_closed, answer.error());
    EXPECT_EQ(20, answers);
}

}  // namespace
