#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "hsm/protocol/audit_record.h"
#include "tests/system/board/board_test.h"

// Power cuts at moments of their own choosing: QEMU is killed under signing load, its flash a file
// that keeps whatever the last word was.
namespace tests::system {
namespace {

namespace wire = hsm::protocol;
using hsm::Digest;
using hsm::Status;
using support::Bytes;
using support::Target;
using wire::Role;

constexpr std::uint32_t leaf_count = 32;

// What left the module before its power went.
struct Answered {
    Digest challenge{};
    std::vector<Bytes> signatures;
};

class BoardKill : public BoardTest {
protected:
    Answered sign_until_cut(const support::Holder& holder, std::chrono::milliseconds until_cut) {
        const auto server = board_.target(Role::server);
        const auto signing = support::approved_signing(server, people_, holder, leaf_count);
        EXPECT_EQ(Status::ok, status(signing));
        if (!signing) {
            return {};
        }
        Answered answered{signing->activation.challenge, {}};
        const std::jthread cut([this, until_cut] {
            std::this_thread::sleep_for(until_cut);
            board_.kill();
        });
        for (std::uint32_t leaf = 0; leaf < leaf_count; ++leaf) {
            const auto made = support::call(server, signing->request(leaf));
            if (!made) {
                break;
            }
            answered.signatures.push_back(support::copy_of((*made)->signature));
        }
        return answered;
    }

    // No record that was once read has changed or gone, and the chain holds.
    void expect_log_grows(const Target& server) {
        const auto records = support::export_log(server);
        ASSERT_NO_FATAL_FAILURE(expect_whole_chain(records));
        std::uint64_t last = 0;
        for (const auto& bytes : records) {
            const auto record = wire::decode<wire::AuditRecord>(bytes);
            last = record->index;
            const auto known = seen_.try_emplace(last, support::sha256_of(bytes)).first;
            EXPECT_EQ(known->second, support::sha256_of(bytes)) << "record " << last;
        }
        EXPECT_EQ(last, seen_.rbegin()->first);
        EXPECT_EQ(Status::ok, status(support::call(server, wire::AuditReleaseRequest{last})));
    }

    std::map<std::uint64_t, Digest> seen_;
};

void acknowledge(const Target& server, const Digest& challenge, std::uint32_t leaf) {
    EXPECT_EQ(Status::ok,
              status(support::call(server, support::acknowledgement_of(challenge, leaf))));
}

// Every signature that was answered is there, word for word; the one that was being made is there
// or is not.
void expect_kept(const Target& server, const Answered& before) {
    const auto count = static_cast<std::uint32_t>(before.signatures.size());
    for (std::uint32_t leaf = 0; leaf < count; ++leaf) {
        const auto kept = support::call(server, wire::GetResultRequest{before.challenge, leaf});
        ASSERT_EQ(Status::ok, status(kept)) << "leaf " << leaf;
        EXPECT_EQ(before.signatures[leaf], support::copy_of((*kept)->signature));
        acknowledge(server, before.challenge, leaf);
    }
    const auto last = support::call(server, wire::GetResultRequest{before.challenge, count});
    EXPECT_TRUE(last || last.error() == Status::no_such_result);
    if (last) {
        acknowledge(server, before.challenge, count);
    }
}

TEST_P(BoardKill, LosesNothingThatWasAnswered) {
    const int rounds = std::getenv("KYSO_LONG") != nullptr ? 200 : 20;
    const auto seed = std::random_device()();
    std::mt19937 draw(seed);
    // A machine that emulates slowly is given longer, until one signature has been answered.
    constexpr int longest_ms_max = 60'000;
    int longest_ms = 700;
    ASSERT_NO_FATAL_FAILURE(bring_up());
    const auto holder = support::enrol(board_.target(Role::server), people_);
    ASSERT_EQ(Status::ok, status(holder)) << board_.log();
    std::size_t answered = 0;

    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
        std::uniform_int_distribution<int> until_cut_ms(1, longest_ms);
        const auto before = sign_until_cut(*holder, std::chrono::milliseconds(until_cut_ms(draw)));
        answered += before.signatures.size();
        longest_ms = answered == 0 ? std::min(2 * longest_ms, longest_ms_max) : longest_ms;
        board_.start();
        board_.unlock();
        const auto server = board_.target(Role::server);
        ASSERT_NO_FATAL_FAILURE(expect_kept(server, before));
        ASSERT_NO_FATAL_FAILURE(expect_log_grows(server));
    }

    EXPECT_GT(answered, 0u);
    std::cout << rounds << " power cuts, " << answered << " signatures answered before them\n";
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardKill, testing::Values("mps2_an505"), board_name);

}  // namespace
}  // namespace tests::system
