#include "cloudsign/qd769/outcome.h"

#include <set>

#include <gtest/gtest.h>

namespace cloudsign::qd769 {
namespace {

using transaction::State;

store::Transaction in(State state, bool approved = false) {
    store::Transaction transaction;
    transaction.state = state;
    if (approved) {
        transaction.approved_at = 1;
    }
    return transaction;
}

TEST(Qd769Outcome, NamesEveryEndByANumberAndAWordOfItsOwn) {
    const Outcome ends[] = {outcome_of(in(State::signed_, true), Credential::usable),
                            outcome_of(in(State::rejected), Credential::usable),
                            outcome_of(in(State::not_mine), Credential::usable),
                            outcome_of(in(State::undelivered), Credential::usable),
                            outcome_of(in(State::expired), Credential::usable),
                            outcome_of(in(State::expired, true), Credential::usable),
                            outcome_of(in(State::expired, true), Credential::unusable)};
    std::set<std::string_view> words;
    std::set<int> numbers;
    for (const auto end : ends) {
        words.insert(word(end));
        numbers.insert(static_cast<int>(end));
    }
    EXPECT_EQ(words.size(), std::size(ends));
    EXPECT_EQ(numbers.size(), std::size(ends));
}

TEST(Qd769Outcome, WaitsUntilThereIsASignature) {
    for (const auto state :
         {State::created, State::notified, State::seen, State::approved, State::signing}) {
        EXPECT_EQ(outcome_of(in(state), Credential::usable), Outcome::waiting_for_signer_confirm);
    }
}

TEST(Qd769Outcome, HasTheNumbersOfTheField) {
    EXPECT_EQ(static_cast<int>(Outcome::success), 1);
    EXPECT_EQ(static_cast<int>(Outcome::waiting_for_signer_confirm), 4000);
    EXPECT_EQ(outcome_of(in(State::expired), Credential::unusable), Outcome::expired);
    EXPECT_EQ(word(outcome_of(in(State::rejected), Credential::usable)), "SIGNER_REJECTED");
    EXPECT_EQ(word(outcome_of(in(State::expired, true), Credential::usable)), "SIGN_FAILED");
}

}  // namespace
}  // namespace cloudsign::qd769
