#include <random>
#include <thread>

#include "tests/hostile/matrix/wire_module.h"
#include "tests/support/ceremony_site.h"
#include "tests/system/board/board_test.h"

// The hostile server's matrix against two boards whose KEK came from one to the other in sealed
// shares, past real custodians.
namespace tests::system {
namespace {

using hostile::HostileTarget;
using hostile::WireModule;
using hsm::protocol::Role;
using support::QemuModule;

void open_box(QemuModule& board) {
    board.start();
    board.install_hosts();
    board.unlock();
}

// Both boards operational, with two of three officers to ask.
support::People found_group(QemuModule& first, QemuModule& second) {
    open_box(first);
    open_box(second);
    support::CeremonySite site;
    site.people.officers = std::vector<support::Passkey>(3);
    site.people.officers_needed = 2;
    const auto adopt = [&](QemuModule& board) {
        return site.adopt(board.target(Role::operating), board.target(Role::server));
    };
    const auto maker = adopt(first);
    const auto joiner = adopt(second);
    const std::vector<hsm::Digest> members{maker.id(), joiner.id()};
    EXPECT_TRUE(site.provision(maker, members));
    EXPECT_TRUE(site.provision(joiner, members));
    site.restore_whole(joiner, site.make_whole(maker));
    return site.people;
}

class BoardMatrix : public BoardTest {};

TEST_P(BoardMatrix, FindsNoSignatureOverTheLine) {
    QemuModule other(folder_.path() / "other", GetParam());
    const auto people = found_group(board_, other);
    if (HasFailure()) {
        return;
    }
    WireModule first(board_);
    WireModule second(other);
    HostileTarget target{
        std::string("two ") + GetParam(),
        people,
        first.as_hostile(),
        second.as_hostile(),
        // Opened before this is called: real time is what it takes.
        [](std::uint64_t lifetime_ms) {
            std::this_thread::sleep_for(std::chrono::milliseconds(lifetime_ms + 1));
        }};
    // Whole on the reference board, elsewhere a sample unless the long run is asked for.
    const bool whole =
        std::string_view(GetParam()) == "mps2_an505" || std::getenv("KYSO_LONG") != nullptr;
    target.one_in = whole ? 1 : 20;
    target.seed = std::random_device()();

    hostile::run_hostile_matrix(target);
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardMatrix, persistent_boards, board_name);

}  // namespace
}  // namespace tests::system
