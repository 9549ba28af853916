#include "tests/system/board/board_test.h"

namespace tests::system {
namespace {

namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Status;
using hsm::client::after;
using hsm::client::Session;
using support::Target;
using wire::Role;

class BoardFlow : public BoardTest {
protected:
    // What a power cut in the middle of work leaves is unlocked again.
    void restart() {
        board_.kill();
        board_.start();
        board_.unlock();
    }
};

class PersistentBoardFlow : public BoardFlow {};

support::ReplyTo<wire::GetInfoRequest> info_of(const Target& module) {
    return support::call(module, wire::GetInfoRequest{});
}

TEST_P(PersistentBoardFlow, SignsWhatWasApprovedAndKeepsItOverAPowerCut) {
    ASSERT_NO_FATAL_FAILURE(bring_up());
    auto server = board_.target(Role::server);
    const auto holder = support::enrol(server, people_);
    ASSERT_EQ(Status::ok, status(holder)) << board_.log();
    const auto signing = support::approved_signing(server, people_, *holder, 2);
    ASSERT_EQ(Status::ok, status(signing));
    const auto made = support::call(server, signing->request(0));
    ASSERT_EQ(Status::ok, status(made));
    const support::Bytes signature = support::copy_of((*made)->signature);
    EXPECT_EQ(Status::activation_spent, status(support::call(server, signing->request(0))));
    const wire::GetResultRequest wanted{signing->activation.challenge, 0};

    restart();

    server = board_.target(Role::server);
    const auto kept = support::call(server, wanted);
    ASSERT_EQ(Status::ok, status(kept));
    EXPECT_EQ(signature, support::copy_of((*kept)->signature));
    EXPECT_EQ(Status::activation_mac_wrong, status(support::call(server, signing->request(1))));
    expect_whole_chain(support::export_log(server));
    EXPECT_EQ(1u, support::count_signatures(server));
    const auto info = info_of(server);
    ASSERT_EQ(Status::ok, status(info));
    EXPECT_EQ(2u, (*info)->boot_counter);
    EXPECT_EQ("psa", (*info)->engine);
    EXPECT_EQ(wire::AssuranceClass::emulated, (*info)->assurance_class);
}

TEST_P(BoardFlow, ServesServerAndOperatorAtOnce) {
    ASSERT_NO_FATAL_FAILURE(bring_up());

    const auto server = board_.target(Role::server);
    const auto operating = board_.target(Role::operating);

    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(Status::ok, status(info_of(server)));
        EXPECT_EQ(Status::ok, status(info_of(operating)));
    }
    EXPECT_EQ(Status::wrong_role,
              status(support::call(operating, wire::GetResultRequest{support::sha256_of({}), 0})));
}

TEST_P(BoardFlow, KnowsOnlyItsHostsOnceItWasToldThem) {
    board_.start();
    board_.install_hosts();

    const auto again =
        Session::connect(board_.endpoint(), support::QemuModule::bring_up_psk(), after(10s));
    auto stranger = board_.psk(Role::server);
    stranger.identity = "stranger";
    const auto unknown = Session::connect(board_.endpoint(), stranger, after(10s));
    auto guesser = board_.psk(Role::server);
    CHECK(guesser.secret.assign(support::random_digest()));
    const auto guessed = Session::connect(board_.endpoint(), guesser, after(10s));

    EXPECT_EQ(Status::handshake_failed, status(again));
    EXPECT_EQ(Status::handshake_failed, status(unknown));
    EXPECT_EQ(Status::handshake_failed, status(guessed));
    EXPECT_EQ(Status::wrong_state, status(support::call(board_.target(Role::operating), [&] {
                  wire::InstallHostsRequest hosts;
                  CHECK(hosts.names.push_back("other") && hosts.roles.push_back(1) &&
                        hosts.keys.push_back({}));
                  return hosts;
              }())));
    EXPECT_EQ(Status::ok, status(info_of(board_.target(Role::server))));
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardFlow, boards, board_name);
INSTANTIATE_TEST_SUITE_P(Boards, PersistentBoardFlow, persistent_boards, board_name);

}  // namespace
}  // namespace tests::system
