#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

class GetResult : public testing::Test {
protected:
    GetResult()
        : holder_(*enrol(group_.target(), group_.people)),
          signing_(*approved_signing(group_.target(), group_.people, holder_, 2)) {}

    auto result(std::uint32_t leaf) {
        return call(group_.target(), wire::GetResultRequest{signing_.activation.challenge, leaf});
    }

    ModuleGroup group_;
    const Holder holder_;
    const Signing signing_;
};

TEST_F(GetResult, AnswersTheSameSignatureAlsoAfterRestarts) {
    const auto reply = call(group_.target(), signing_.request(1));
    ASSERT_TRUE(reply);
    for (int restart = 0; restart < 3; ++restart) {
        const auto again = result(1);
        ASSERT_EQ(status(again), Status::ok);
        EXPECT_EQ(copy_of((*again)->signature), copy_of((*reply)->signature));
        EXPECT_EQ(copy_of(wire::decode_signed((*again)->receipt)->statement),
                  copy_of(wire::decode_signed((*reply)->receipt)->statement));
        EXPECT_EQ(status(result(0)), Status::no_such_result);
        group_[0].restart();
    }
}

TEST_F(GetResult, ForgetsWhatIsAcknowledgedForGood) {
    ASSERT_TRUE(call(group_.target(), signing_.request(0)));
    ASSERT_TRUE(call(group_.target(), signing_.request(1)));

    const auto acknowledge = acknowledgement_of(signing_.activation.challenge, 0);
    EXPECT_EQ(status(call(group_.target(), acknowledge)), Status::ok);
    EXPECT_EQ(status(call(group_.target(), acknowledge)), Status::ok) << "twice is no error";

    EXPECT_EQ(status(result(0)), Status::no_such_result);
    EXPECT_EQ(status(result(1)), Status::ok);
    // Another signature makes the note durable.
    const auto other = approved_signing(group_.target(), group_.people, holder_);
    ASSERT_TRUE(call(group_.target(), other->request()));
    group_[0].restart();
    EXPECT_EQ(status(result(0)), Status::no_such_result);
    EXPECT_EQ(status(result(1)), Status::ok);
    EXPECT_EQ(status(call(group_.target(), signing_.request(0))), Status::activation_mac_wrong);
}

TEST_F(GetResult, ForgetsAWholeListAlsoWhenItDoesNotKnowEachOfIt) {
    ASSERT_TRUE(call(group_.target(), signing_.request(0)));
    ASSERT_TRUE(call(group_.target(), signing_.request(1)));
    wire::AcknowledgeRequest all;
    const auto& challenge = signing_.activation.challenge;
    ASSERT_TRUE(all.occurrences.push_back(wire::to_bytes({challenge, 0})));
    ASSERT_TRUE(all.occurrences.push_back(wire::to_bytes({random_digest(), 0})));
    ASSERT_TRUE(all.occurrences.push_back(wire::to_bytes({challenge, 0xffff'ffff})));
    ASSERT_TRUE(all.occurrences.push_back(wire::to_bytes({challenge, 1})));

    EXPECT_EQ(status(call(group_.target(), all)), Status::ok);

    EXPECT_EQ(status(result(0)), Status::no_such_result);
    EXPECT_EQ(status(result(1)), Status::no_such_result);
}

TEST_F(GetResult, HasNothingOfARefusal) {
    auto request = signing_.request(0);
    const auto other = random_digest();
    request.hash = other;
    ASSERT_FALSE(call(group_.target(), request));

    EXPECT_EQ(status(result(0)), Status::no_such_result);
    EXPECT_EQ(count_signatures(group_.target()), 0u);
}

}  // namespace
