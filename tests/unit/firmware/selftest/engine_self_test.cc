#include <gtest/gtest.h>

#include "tests/unit/firmware/engine/engine_site.h"
#include "tests/unit/firmware/selftest/changed_answers.h"

// The self-tests of every engine's own algorithms.
namespace tests::selftest {
namespace {

using firmware::selftest::known_answers;
using hsm::Status;

class EngineSelfTest : public testing::TestWithParam<engine::EngineKind> {
protected:
    void SetUp() override {
        site_ = GetParam().make_site();
        engine_ = site_->open("module");
        ASSERT_NE(engine_, nullptr);
    }

    Status ask(SelfTest test, const KnownAnswers& answers) {
        const auto result = engine_->self_test(test, answers);
        return result ? Status::ok : result.error();
    }

    std::unique_ptr<engine::Site> site_;
    std::unique_ptr<firmware::engine::Engine> engine_;
};

TEST_P(EngineSelfTest, AnswersWhatIsKnownBeforeAndAfterItIsUnlocked) {
    using enum SelfTest;
    for (int unlocked = 0; unlocked < 2; ++unlocked) {
        for (auto test : {aes_kwp, ecdsa_p256, ecdsa_p384, rsa_pkcs1, rsa_pss}) {
            EXPECT_EQ(ask(test, known_answers), Status::ok) << self_test_name(test);
        }
        for (auto test : {firmware_integrity, noise, drbg, pairwise}) {
            EXPECT_EQ(ask(test, known_answers), Status::not_supported) << self_test_name(test);
        }
        ASSERT_TRUE(engine_->unlock(site_->secret()));
    }
}

TEST_P(EngineSelfTest, NoticesWhatIsWrong) {
    std::size_t noticed = 0;
    for (const auto& answer : every_answer()) {
        const auto step = std::max<std::size_t>(1, (answer.end() - answer.first) / 16);
        for (auto test : answer.tests) {
            if (ask(test, known_answers) == Status::not_supported) {
                continue;
            }
            for (auto at = answer.first; at < answer.end(); at += step) {
                const ChangedAnswers changed(answer, at);
                EXPECT_NE(ask(test, changed.answers()), Status::ok) << answer.name << " " << at;
                ++noticed;
            }
        }
    }
    EXPECT_GT(noticed, 200u);
    EXPECT_EQ(ask(SelfTest::ecdsa_p256, known_answers), Status::ok) << "and recovers";
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         EngineSelfTest,
                         testing::ValuesIn(engine::engine_kinds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace tests::selftest
