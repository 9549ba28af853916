#include <gtest/gtest.h>

#include "tests/support/port_board.h"
#include "tests/support/status.h"

// What a signature costs on the Cortex-M4, in instructions: QEMU with -icount shift=0 lets each
// take a nanosecond, whatever the machine does meanwhile. ci/bench firmware runs this.
namespace tests::system {
namespace {

namespace wire = hsm::protocol;
using hsm::Status;
using support::number_in;
using support::PortBoard;
using support::status;
using wire::Role;

struct Cost {
    double instructions = 0;  // of the command, its records made durable
    double sign = 0;          // of it inside psa_sign_hash
    double verify = 0;        // and inside psa_verify_hash
    std::uint64_t signs = 0;
    std::uint64_t verifies = 0;

    double ratio() const { return instructions / (sign + verify); }
};

Cost cost_of(const PortBoard::Answer& answer, double per_tick) {
    const auto number = [&](std::size_t i) { return number_in(answer.fields.at(i)); };
    return {answer.ticks * per_tick,
            static_cast<double>(number(2)) * per_tick,
            static_cast<double>(number(4)) * per_tick,
            number(1),
            number(3)};
}

TEST(SigningCost, IsThatOfTheLibrarysCallsAndFivePercent) {
    if (std::getenv("KYSO_LONG") == nullptr) {
        GTEST_SKIP() << "counting slows QEMU down: ci/bench firmware, or KYSO_LONG";
    }
    constexpr std::size_t signatures = 5;
    const support::ScratchFolder folder;
    PortBoard board(folder.path() / "board", "mps2_an386", {"-icount", "shift=0"});
    const auto hz = number_in(board.ask(hsm::protocol::port::Operation::hello).fields.at(3));
    const auto operating = board.target(Role::operating);
    const auto server = board.target(Role::server);
    const support::People people;
    const auto secret = hsm::view_of("a board's secret of 32 bytes, 01234567");
    ASSERT_EQ(Status::ok, status(support::call(operating, wire::UnlockRequest{secret})));
    const hsm::Digest members[] = {support::module_id_of(operating)};
    ASSERT_EQ(Status::ok,
              status(support::provision(
                  operating,
                  people,
                  support::configuration_of(people, wire::AssuranceClass::emulated, members),
                  wire::EpochMode::make)));
    const auto holder = support::enrol(server, people);
    ASSERT_EQ(Status::ok, status(holder));
    const auto signing = support::approved_signing(server, people, *holder, signatures);
    ASSERT_EQ(Status::ok, status(signing));

    std::vector<Cost> costs;
    const auto measured = board.target(Role::server, [&](const PortBoard::Answer& answer) {
        costs.push_back(cost_of(answer, 1e9 / static_cast<double>(hz)));
    });
    for (std::uint32_t leaf = 0; leaf < signatures; ++leaf) {
        ASSERT_EQ(Status::ok, status(support::call(measured, signing->request(leaf))));
    }

    ASSERT_EQ(signatures, costs.size());
    for (const auto& cost : costs) {
        // The assertion, twice (firmware/hardening), and the signature that was made; the signature
        // and its receipt's.
        EXPECT_EQ(3u, cost.verifies);
        EXPECT_EQ(2u, cost.signs);
        EXPECT_GE(cost.ratio(), 1.0);
        EXPECT_LE(cost.ratio(), 1.05);
        std::printf(
            "cost: sign P-256 %.0f instructions, %llu psa_sign_hash %.0f, %llu "
            "psa_verify_hash %.0f, ratio %.4f\n",
            cost.instructions,
            static_cast<unsigned long long>(cost.signs),
            cost.sign,
            static_cast<unsigned long long>(cost.verifies),
            cost.verify,
            cost.ratio());
    }
}

}  // namespace
}  // namespace tests::system
