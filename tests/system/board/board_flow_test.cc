#include "hsm/protocol/audit_record.h"
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
    // Out of its box to operational, by the product's own ceremony.
    void bring_up() {
        board_.start();
        board_.install_hosts();
        board_.unlock();
        auto session = board_.connect(Role::operating);
        std::array<Session*, 1> sessions{&session};
        hsm::cli::GroupPlan plan{people_.rp_id, people_.origin, {}, people_.officers_needed};
        plan.officers.push_back({people_.officers[0].point(), false});
        const auto custodian = hsm::cli::P256Key::load_or_make(folder_.path() / "custodian.pem");
        const auto root = hsm::cli::P256Key::load_or_make(folder_.path() / "root.pem");
        const auto group = hsm::cli::provision_group(
            sessions,
            plan,
            *custodian,
            *root,
            [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<support::Bytes> {
                return people_.officer_approves(challenge, index);
            });
        ASSERT_EQ(Status::ok, status(group));
    }

    // What a power cut in the middle of work leaves is unlocked again.
    void restart() {
        board_.kill();
        board_.start();
        board_.unlock();
    }

    support::People people_;
};

class PersistentBoardFlow : public BoardFlow {};

support::ReplyTo<wire::GetInfoRequest> info_of(const Target& module) {
    return support::call(module, wire::GetInfoRequest{});
}

// The hash chain over all records, from the first.
void expect_whole_chain(const Target& module) {
    const auto records = support::export_log(module);
    ASSERT_FALSE(records.empty());
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto record = wire::decode<wire::AuditRecord>(records[i]);
        ASSERT_TRUE(record.has_value());
        EXPECT_EQ(i + 1, record->index);
        EXPECT_EQ(support::sha256_of(records[i - 1]), record->previous) << "record " << i + 1;
    }
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
    expect_whole_chain(server);
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
