#include "firmware/hardening/decision.h"

#include <gtest/gtest.h>

namespace {

using firmware::hardening::DecisionOf;
using firmware::hardening::Evaluations;
using hsm::Result;
using hsm::Status;

using Twice = DecisionOf<Evaluations::two>;
using Once = DecisionOf<Evaluations::one>;

Result<void> yes() {
    return {};
}
Result<void> no() {
    return Status::assertion_flags_wrong;
}

// What a check answers that a fault has turned once.
template <class First, class Second>
auto turned(int& calls, First first, Second second) {
    return [&calls, first, second] { return ++calls == 1 ? first() : second(); };
}

template <class Decision>
class DecisionTest : public testing::Test {};
using Decisions = testing::Types<Once, Twice>;
TYPED_TEST_SUITE(DecisionTest, Decisions);

TYPED_TEST(DecisionTest, DeniesBeforeItIsMade) {
    const TypeParam decision;

    EXPECT_DEATH(decision.require(), "");
}

TYPED_TEST(DecisionTest, PermitsWhatTheCheckPermits) {
    TypeParam decision;

    ASSERT_TRUE(decision.make(yes).has_value());

    decision.require();
}

TYPED_TEST(DecisionTest, AnswersTheRefusalAndDenies) {
    TypeParam decision;

    const auto made = decision.make(no);

    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error(), Status::assertion_flags_wrong);
    EXPECT_DEATH(decision.require(), "");
}

TYPED_TEST(DecisionTest, ForgetsAnEarlierPermission) {
    TypeParam decision;
    ASSERT_TRUE(decision.make(yes).has_value());

    ASSERT_FALSE(decision.make(no).has_value());

    EXPECT_DEATH(decision.require(), "");
}

TEST(Decision, OfTwoEvaluationsAsksBoth) {
    Twice decision;
    int calls = 0;

    ASSERT_TRUE(decision.make(turned(calls, yes, yes)).has_value());

    EXPECT_EQ(calls, 2);
}

TEST(Decision, OfTwoEvaluationsIsNotTurnedByOneThatWasSpoilt) {
    Twice first_spoilt;
    Twice second_spoilt;
    int calls = 0;

    const auto after_first = first_spoilt.make(turned(calls, yes, no));
    calls = 0;
    const auto after_second = second_spoilt.make(turned(calls, no, yes));

    EXPECT_FALSE(after_first.has_value());
    EXPECT_FALSE(after_second.has_value());
    EXPECT_DEATH(first_spoilt.require(), "");
    EXPECT_DEATH(second_spoilt.require(), "");
}

TEST(Decision, OfOneEvaluationAsksOnce) {
    Once decision;
    int calls = 0;

    ASSERT_TRUE(decision.make(turned(calls, yes, no)).has_value());

    EXPECT_EQ(calls, 1);
}

}  // namespace
