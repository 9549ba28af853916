#include "cloudsign/transaction/state.h"

#include <array>
#include <ostream>

#include <gtest/gtest.h>

namespace cloudsign::transaction {

static void PrintTo(State state, std::ostream* out) {
    *out << name(state);
}

namespace {

constexpr std::array states = {State::created,
                               State::notified,
                               State::seen,
                               State::approved,
                               State::signing,
                               State::signed_,
                               State::rejected,
                               State::not_mine,
                               State::expired,
                               State::undelivered};
constexpr std::array events = {Event::notify,
                               Event::see,
                               Event::approve,
                               Event::take,
                               Event::finish,
                               Event::reject,
                               Event::disown,
                               Event::expire,
                               Event::undeliver,
                               Event::ask_again};
constexpr auto no = std::optional<State>();

// Written down anew, from ARCHITECTURE: a line for each state, a column for each event above.
using Row = std::array<std::optional<State>, events.size()>;
constexpr std::array<Row, states.size()> expected = {{
    // notify, see, approve, take, finish, reject, disown, expire, undeliver, ask again
    {State::notified,
     State::seen,
     State::approved,
     no,
     no,
     State::rejected,
     State::not_mine,
     State::expired,
     State::undelivered,
     no},
    {State::notified,
     State::seen,
     State::approved,
     no,
     no,
     State::rejected,
     State::not_mine,
     State::expired,
     State::undelivered,
     no},
    {State::seen,
     State::seen,
     State::approved,
     no,
     no,
     State::rejected,
     State::not_mine,
     State::expired,
     no,
     no},
    {no, no, no, State::signing, State::signed_, no, no, State::expired, no, State::notified},
    {no, no, no, State::signing, State::signed_, no, no, State::expired, no, State::notified},
    {no, no, no, no, no, no, no, no, no, no},
    {no, no, no, no, no, no, no, no, no, no},
    {no, no, no, no, no, no, no, no, no, no},
    {no, no, no, no, no, no, no, no, no, no},
    {no, no, no, no, no, no, no, no, no, no},
}};

TEST(TransactionState, MovesExactlyAsTheTableSays) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        for (std::size_t j = 0; j < events.size(); ++j) {
            const auto to = transition(states[i], events[j]);

            ASSERT_EQ(to.has_value(), expected[i][j].has_value())
                << name(states[i]) << ", event " << j;
            if (to) {
                EXPECT_EQ(*to, *expected[i][j]) << name(states[i]) << ", event " << j;
            } else {
                EXPECT_EQ(to.error().kind, ErrorKind::conflict);
            }
        }
    }
}

TEST(TransactionState, LeavesNoFinalStateAndNoneApprovesWithoutAnApproval) {
    for (const auto state : states) {
        for (const auto event : events) {
            const auto to = transition(state, event);
            if (is_final(state)) {
                EXPECT_FALSE(to.has_value()) << name(state);
            }
            if (to && (*to == State::approved)) {
                EXPECT_EQ(event, Event::approve);
            }
            if (to && (*to == State::signing || *to == State::signed_)) {
                EXPECT_FALSE(is_waiting(state)) << name(state);
            }
        }
    }
}

TEST(TransactionState, HasANameThatReadsBack) {
    for (const auto state : states) {
        EXPECT_EQ(state_named(name(state)), state);
    }
    EXPECT_FALSE(state_named(""));
    EXPECT_FALSE(state_named("Approved"));
    EXPECT_FALSE(state_named("approved "));
}

}  // namespace
}  // namespace cloudsign::transaction
