#include "firmware/selftest/self_tests.h"

#include <gtest/gtest.h>

#include "firmware/engine/digest.h"
#include "firmware/selftest/integrity.h"

namespace {

using namespace firmware::selftest;

class StillClock final : public firmware::hal::Clock {
public:
    std::uint64_t tick_ms() override { return now; }
    std::uint64_t now = 0;
};

// Has the tests of one set, and fails one of them.
class FakeSubject final : public Subject {
public:
    explicit FakeSubject(TestSet has) : has_(has) {}

    Result<void> self_test(SelfTest test, const KnownAnswers&) override {
        if ((has_ & set_of(test)) == 0) {
            return Status::not_supported;
        }
        asked.push_back(test);
        return test == wrong ? Result<void>(Status::engine_failed) : Result<void>();
    }

    std::vector<SelfTest> asked;
    SelfTest wrong{};

private:
    TestSet has_;
};

constexpr auto hashes = set_of(SelfTest::sha256) | set_of(SelfTest::hmac_sha256);
constexpr auto signatures =
    set_of(SelfTest::ecdsa_p256) | set_of(SelfTest::ecdsa_p384) | set_of(SelfTest::rsa_pkcs1);

class SelfTestsTest : public testing::Test {
protected:
    StillClock clock;
    FakeSubject first{hashes};
    FakeSubject second{signatures | set_of(SelfTest::hmac_sha256)};
    SelfTests tests{known_answers, clock, {&first, &second}};
};

TEST_F(SelfTestsTest, RunsTheQuickOnesAtTheStartInTheirOrder) {
    ASSERT_TRUE(tests.run_at_start());

    EXPECT_EQ(first.asked, (std::vector{SelfTest::sha256, SelfTest::hmac_sha256}));
    EXPECT_EQ(second.asked, (std::vector{SelfTest::hmac_sha256, SelfTest::ecdsa_p256}));
    EXPECT_EQ(tests.passed_at(SelfTest::sha256), 1u) << "0 would say that it has not been run";
    EXPECT_EQ(tests.passed_at(SelfTest::rsa_pkcs1), 0u);
    EXPECT_EQ(tests.passed_at(SelfTest::aes_gcm), 0u) << "nobody has it";
}

TEST_F(SelfTestsTest, RunsASlowOneOnceBeforeItsFirstUse) {
    ASSERT_TRUE(tests.run_at_start());
    second.asked.clear();
    clock.now = 700;

    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(tests.require(set_of(SelfTest::rsa_pkcs1)));
        EXPECT_TRUE(tests.require(set_of(SelfTest::ecdsa_p256)));
    }

    EXPECT_EQ(second.asked, std::vector{SelfTest::rsa_pkcs1});
    EXPECT_EQ(tests.passed_at(SelfTest::rsa_pkcs1), 700u);
}

TEST_F(SelfTestsTest, RefusesAnAlgorithmThatNobodyHas) {
    const auto result = tests.require(set_of(SelfTest::rsa_pss));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Status::algorithm_wrong);
    EXPECT_EQ(tests.failure(), 0);
}

TEST_F(SelfTestsTest, RunsAllOfThemAgainOnDemand) {
    ASSERT_TRUE(tests.run_at_start());
    clock.now = 900;
    ASSERT_TRUE(tests.run_all());
    for (auto test : {SelfTest::sha256, SelfTest::hmac_sha256, SelfTest::rsa_pkcs1}) {
        EXPECT_EQ(tests.passed_at(test), 900u);
    }
}

TEST_F(SelfTestsTest, FailsWhenOneOfTwoSubjectsDoes) {
    second.wrong = SelfTest::hmac_sha256;
    clock.now = 5;

    const auto result = tests.run_at_start();

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Status::self_test_failed);
    EXPECT_EQ(tests.failure(), 7);
    EXPECT_EQ(tests.failed_at(), 5u);
    EXPECT_EQ(second.asked, std::vector{SelfTest::hmac_sha256}) << "nothing comes after a failure";
}

TEST_F(SelfTestsTest, StaysFailed) {
    ASSERT_TRUE(tests.run_at_start());
    second.wrong = SelfTest::ecdsa_p256;
    ASSERT_FALSE(tests.run_all());
    second.wrong = {};
    second.asked.clear();
    clock.now = 77;

    const auto refused = [](const Result<void>& result) {
        return !result && result.error() == Status::self_test_failed;
    };
    EXPECT_TRUE(refused(tests.run_all()));
    EXPECT_TRUE(refused(tests.run_at_start()));
    EXPECT_TRUE(refused(tests.require(set_of(SelfTest::sha256))));
    EXPECT_TRUE(refused(tests.passed(SelfTest::pairwise)));
    EXPECT_EQ(tests.failed(SelfTest::pairwise), Status::self_test_failed);
    EXPECT_TRUE(second.asked.empty());
    EXPECT_EQ(tests.failure(), 12) << "the first failure is the one that is told";
    EXPECT_EQ(tests.failed_at(), 1u);
}

TEST(ImageCheck, ComparesTheImageWithItsHash) {
    const auto image = hsm::view_of("the image as it lies in flash");
    const std::array<hsm::ByteView, 1> parts = {image};
    const auto digest = firmware::engine::sha256(parts);
    const auto check = [](hsm::ByteView bytes, const hsm::Digest& expected) {
        ImageCheck image_check(bytes, expected, firmware::engine::sha256);
        const auto result = image_check.self_test(SelfTest::firmware_integrity, known_answers);
        return result ? Status::ok : result.error();
    };

    EXPECT_EQ(check(image, digest), Status::ok);
    for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
        std::vector<hsm::Byte> flipped(image.begin(), image.end());
        flipped[bit / 8] ^= static_cast<hsm::Byte>(1 << bit % 8);
        EXPECT_EQ(check(flipped, digest), Status::self_test_failed) << bit;
    }
    auto other = digest;
    other[31] ^= 1;
    EXPECT_EQ(check(image, other), Status::self_test_failed);
    EXPECT_EQ(check({}, digest), Status::not_supported);
    ImageCheck whole(image, digest, firmware::engine::sha256);
    EXPECT_EQ(whole.self_test(SelfTest::sha256, known_answers).error(), Status::not_supported);
}

}  // namespace
