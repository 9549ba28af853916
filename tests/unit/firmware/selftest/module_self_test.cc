#include "tests/support/module_fixture.h"
#include "tests/unit/firmware/selftest/changed_answers.h"

// A module whose self-test fails: nothing leaves it but the word which one.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;
using tests::selftest::ChangedAnswers;
using tests::selftest::every_answer;
using wire::SelfTest;

bool is_slow(SelfTest test) {
    return test == SelfTest::ecdsa_p384 || test == SelfTest::rsa_pkcs1 || test == SelfTest::rsa_pss;
}

// Every command but get_info, whatever its body.
void expect_silence(InProcessModule& module) {
    for (const auto& rule : wire::command_rules) {
        if (rule.command == wire::Command::get_info) {
            continue;
        }
        const Bytes request{0x83, 0x18, static_cast<hsm::Byte>(rule.command), 0x01, 0xa0};
        const Bytes short_request{0x83, static_cast<hsm::Byte>(rule.command), 0x01, 0xa0};
        const bool small = static_cast<unsigned>(rule.command) < 24;
        EXPECT_EQ(status_of(module.send(small ? short_request : request)), Status::wrong_state)
            << rule.name;
    }
}

void expect_failed(InProcessModule& module, SelfTest test) {
    const auto info = call(module.target(), wire::GetInfoRequest{});
    ASSERT_EQ(status(info), Status::ok);
    EXPECT_EQ((*info)->state, wire::State::failed);
    EXPECT_EQ((*info)->failed_self_test, static_cast<unsigned>(test));
    EXPECT_GT((*info)->self_test_failed_at, 0u);
    EXPECT_EQ(module.module().failed_self_test(), self_test_name(test));
    expect_silence(module);
}

TEST(ModuleSelfTest, FailsAtTheStartOnEachAnswerThatIsWrong) {
    TemporaryFolder folder;
    TestClock clock;
    InProcessModule module(folder.path(), "module", clock);
    for (const auto& answer : every_answer()) {
        if (is_slow(answer.tests.front())) {
            continue;
        }
        SCOPED_TRACE(answer.name);
        const ChangedAnswers changed(answer, answer.end() / 2);
        module.stop();
        module.set_known_answers(changed.answers());

        module.start();

        expect_failed(module, answer.tests.front());
    }
    module.stop();
    module.set_known_answers(firmware::selftest::known_answers);
    module.start();
    EXPECT_EQ(module.module().state(), wire::State::blank) << "and is well again";
}

wire::KeyType key_type_of(SelfTest test) {
    return test == SelfTest::ecdsa_p384 ? wire::KeyType::p384 : wire::KeyType::rsa2048;
}

TEST(ModuleSelfTest, FailsAtTheFirstUseOfASlowAlgorithm) {
    ModuleGroup group;
    auto& module = group[0];
    const auto holder = enrol(group.target(), group.people);
    ASSERT_EQ(status(holder), Status::ok);
    for (const auto& answer : every_answer()) {
        const auto test = answer.tests.front();
        if (!is_slow(test) || test == SelfTest::rsa_pss) {
            continue;
        }
        SCOPED_TRACE(answer.name);
        const ChangedAnswers changed(answer, answer.first);
        module.stop();
        module.set_known_answers(changed.answers());
        module.start();
        ASSERT_EQ(module.module().state(), wire::State::operational);

        const auto made = call(
            group.target(),
            wire::GenerateKeyRequest{wire::KeyKind::person, key_type_of(test), holder->policy, 0});

        EXPECT_EQ(status(made), Status::self_test_failed);
        expect_failed(module, test);
    }
}

TEST(ModuleSelfTest, RunsOnDemandAndTellsWhen) {
    ModuleGroup group;
    const auto before = call(group.target(), wire::GetInfoRequest{});
    ASSERT_EQ(status(before), Status::ok);
    const auto item = [](const auto& reply, SelfTest test) {
        return reply->self_tests[static_cast<std::size_t>(test) - 1];
    };
    EXPECT_EQ((*before)->self_tests.size(), wire::self_test_count);
    EXPECT_EQ(item(*before, SelfTest::sha256), 1000u);
    EXPECT_EQ(item(*before, SelfTest::pairwise), 1000u);
    EXPECT_EQ(item(*before, SelfTest::rsa_pkcs1), 0u) << "waits for a key of its kind";
    EXPECT_EQ((*before)->failed_self_test, 0u);

    group.clock.now_ms = 5000;
    const auto run = call(group.target(0, wire::Role::auditor), wire::SelfTestRequest{});

    ASSERT_EQ(status(run), Status::ok);
    for (std::size_t i = 0; i < wire::self_test_count; ++i) {
        const auto test = static_cast<SelfTest>(i + 1);
        const bool on_boards = test == SelfTest::noise || test == SelfTest::firmware_integrity;
        EXPECT_EQ((*run)->self_tests[i], on_boards ? 0u : 5000u) << self_test_name(test);
    }
    const auto after = call(group.target(), wire::GetInfoRequest{});
    EXPECT_EQ(item(*after, SelfTest::rsa_pss), 5000u);
}

TEST(ModuleSelfTest, EndsAModuleThatFailsOnDemand) {
    ModuleGroup group;
    const auto& rsa_pss = every_answer().back();
    ASSERT_EQ(rsa_pss.tests.front(), SelfTest::rsa_pss);
    const ChangedAnswers changed(rsa_pss, 0);
    group[0].stop();
    group[0].set_known_answers(changed.answers());
    group[0].start();
    const auto holder = enrol(group.target(), group.people);
    ASSERT_EQ(status(holder), Status::ok) << "P-256 is not concerned";

    EXPECT_EQ(status(call(group.target(), wire::SelfTestRequest{})), Status::self_test_failed);

    expect_failed(group[0], SelfTest::rsa_pss);
}

TEST(ModuleSelfTest, EndsAModuleWhoseNewPairsDoNotFit) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    group[0].breakable_engine().pairs_do_not_fit = true;

    EXPECT_EQ(status(generate_key(
                  group.target(), wire::KeyKind::person, wire::KeyType::p256, holder->policy)),
              Status::self_test_failed);

    expect_failed(group[0], SelfTest::pairwise);
}

TEST(ModuleSelfTest, EndsAModuleWhoseIdentityDoesNotFit) {
    ModuleGroup group;
    auto& module = group[0];
    module.stop();
    module.start_locked();
    module.breakable_engine().identity_does_not_fit = true;

    EXPECT_EQ(status(module.module().unlock(hsm::view_of(unlock_secret))),
              Status::self_test_failed);

    expect_failed(module, SelfTest::pairwise);
}

TEST(ModuleSelfTest, EndsAModuleWithoutRandomNumbers) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    group[0].breakable_engine().no_random = true;

    const auto opened =
        open_activation(group.target(), holder->blob, wire::Purpose::sign, es256, 1, hsm::Digest{});

    EXPECT_EQ(status(opened), Status::rng_failed);
    expect_failed(group[0], SelfTest::noise);
}

TEST(ModuleSelfTest, ComparesItsImage) {
    TemporaryFolder folder;
    TestClock clock;
    InProcessModule module(folder.path(), "module", clock);
    const auto image = hsm::view_of("an image in flash");
    module.stop();
    module.set_image(image, sha256_of(image));
    module.start();
    EXPECT_EQ(module.module().state(), wire::State::blank);
    const auto info = call(module.target(), wire::GetInfoRequest{});
    EXPECT_EQ((*info)->self_tests[1], 1000u);

    module.stop();
    module.set_image(hsm::view_of("an image in flasH"), sha256_of(image));
    module.start();
    expect_failed(module, SelfTest::firmware_integrity);
}

}  // namespace
