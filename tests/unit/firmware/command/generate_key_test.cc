#include "firmware/command/limits.h"
#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using firmware::app::Work;
using hsm::Status;

constexpr auto rsa2048 = wire::KeyType::rsa2048;

class GenerateRsa : public testing::Test {
protected:
    wire::GenerateKeyRequest request(const Bytes& policy,
                                     wire::KeyType type = rsa2048,
                                     std::uint64_t host_time = 0) {
        return {wire::KeyKind::person, type, policy, host_time};
    }
    Status ask(const wire::GenerateKeyRequest& request) {
        return status(call(group.target(), request));
    }
    std::uint64_t next_log_index() {
        return (*call(group.target(), wire::GetInfoRequest{}))->next_log_index;
    }
    Bytes policy() { return policy_of(group.people, {std::vector<Passkey>(1), hsm::Digest{}}); }

    ModuleGroup group;
    const Bytes mine = policy();
    const Bytes theirs = policy();
};

TEST_F(GenerateRsa, IsBusyUntilTheSameRequestCollectsIt) {
    const auto before = next_log_index();
    ASSERT_EQ(ask(request(mine, rsa2048, 1000)), Status::busy);
    EXPECT_EQ(next_log_index(), before) << "nothing has been made yet";

    std::uint64_t host_time = 1001;  // of each request its own
    auto answer = ask(request(mine, rsa2048, host_time));
    while (answer == Status::busy) {
        answer = ask(request(mine, rsa2048, ++host_time));
    }

    EXPECT_EQ(answer, Status::ok);
    EXPECT_EQ(next_log_index(), before + 1);
    EXPECT_EQ(ask(request(mine)), Status::busy) << "it was given once; this is another";
}

TEST_F(GenerateRsa, SignsForOthersMeanwhile) {
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    ASSERT_EQ(ask(request(mine, wire::KeyType::rsa4096)), Status::busy);

    const auto signing = approved_signing(group.target(), group.people, *holder);
    ASSERT_TRUE(signing);
    EXPECT_EQ(status(call(group.target(), signing->request())), Status::ok);
    EXPECT_EQ(ask(request(theirs, wire::KeyType::p256)), Status::ok);
    EXPECT_EQ(group[0].module().work(), Work::more) << "and is still at it";
}

TEST_F(GenerateRsa, GivesNobodyTheKeyOfAnother) {
    ASSERT_EQ(ask(request(mine)), Status::busy);
    auto other_kind = request(mine);
    other_kind.kind = wire::KeyKind::organisation;
    while (group[0].module().work() == Work::more) {
    }
    // The pair is there now.
    EXPECT_EQ(ask(request(theirs)), Status::busy);
    EXPECT_EQ(ask(other_kind), Status::busy);
    EXPECT_EQ(ask(request(mine, wire::KeyType::rsa3072)), Status::busy);
    const auto made = call(group.target(), request(mine));
    ASSERT_EQ(status(made), Status::ok);
    const auto blob = wire::decode_blob((*made)->blob);
    ASSERT_TRUE(blob);
    EXPECT_TRUE(hsm::equal(blob->header.policy, mine));
}

TEST_F(GenerateRsa, DropsAPairThatNobodyCollects) {
    ASSERT_EQ(ask(request(mine)), Status::busy);
    group.clock.now_ms += firmware::command::pending_key_ms_max;
    EXPECT_EQ(ask(request(theirs)), Status::busy) << "not a moment too early";

    group.clock.now_ms += 1;
    EXPECT_EQ(group[0].module().work(), Work::none);

    EXPECT_TRUE(generate_key(group.target(), wire::KeyKind::person, rsa2048, theirs));
}

TEST_F(GenerateRsa, KeepsAPairThatItsHostStillAsksFor) {
    ASSERT_EQ(ask(request(mine, wire::KeyType::rsa4096)), Status::busy);
    for (int i = 0; i < 5; ++i) {
        group.clock.now_ms += firmware::command::pending_key_ms_max;
        const auto answer = ask(request(mine, wire::KeyType::rsa4096));
        if (answer == Status::ok) {
            return;
        }
        ASSERT_EQ(answer, Status::busy);
    }
    EXPECT_EQ(ask(request(theirs)), Status::busy);
}

TEST_F(GenerateRsa, ChecksThePolicyFirstAndOccupiesNothing) {
    EXPECT_EQ(ask(request(Bytes{0xa0})), Status::policy_invalid);
    EXPECT_EQ(group[0].module().work(), Work::none);
    EXPECT_EQ(ask(request(theirs)), Status::busy);
    EXPECT_EQ(group[0].module().work(), Work::more);
}

TEST_F(GenerateRsa, EndsWithTheModule) {
    ASSERT_EQ(ask(request(mine)), Status::busy);
    group[0].break_flash();
    EXPECT_EQ(ask(request(theirs, wire::KeyType::p256)), Status::storage_failed);

    EXPECT_EQ(group[0].module().work(), Work::none);

    group[0].restart();
    EXPECT_EQ(group[0].module().work(), Work::none);
    EXPECT_TRUE(generate_key(group.target(), wire::KeyKind::person, rsa2048, theirs));
}

}  // namespace
