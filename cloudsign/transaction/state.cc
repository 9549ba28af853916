#include "cloudsign/transaction/state.h"

#include <algorithm>
#include <array>

namespace cloudsign::transaction {
namespace {

struct Step {
    State from;
    Event event;
    State to;
};

constexpr Step steps[] = {
    {State::created, Event::notify, State::notified},
    {State::notified, Event::notify, State::notified},
    {State::created, Event::see, State::seen},
    {State::notified, Event::see, State::seen},
    {State::seen, Event::see, State::seen},
    {State::seen, Event::notify, State::seen},
    {State::created, Event::approve, State::approved},
    {State::notified, Event::approve, State::approved},
    {State::seen, Event::approve, State::approved},
    {State::created, Event::reject, State::rejected},
    {State::notified, Event::reject, State::rejected},
    {State::seen, Event::reject, State::rejected},
    {State::created, Event::disown, State::not_mine},
    {State::notified, Event::disown, State::not_mine},
    {State::seen, Event::disown, State::not_mine},
    {State::created, Event::expire, State::expired},
    {State::notified, Event::expire, State::expired},
    {State::seen, Event::expire, State::expired},
    {State::approved, Event::expire, State::expired},
    {State::signing, Event::expire, State::expired},
    {State::created, Event::undeliver, State::undelivered},
    {State::notified, Event::undeliver, State::undelivered},
    {State::approved, Event::take, State::signing},
    {State::signing, Event::take, State::signing},
    {State::approved, Event::finish, State::signed_},
    {State::signing, Event::finish, State::signed_},
    {State::approved, Event::ask_again, State::notified},
    {State::signing, Event::ask_again, State::notified},
};

struct Name {
    State state;
    std::string_view name;
};

constexpr Name names[] = {
    {State::created, "created"},
    {State::notified, "notified"},
    {State::seen, "seen"},
    {State::approved, "approved"},
    {State::signing, "signing"},
    {State::signed_, "signed"},
    {State::rejected, "rejected"},
    {State::not_mine, "not_mine"},
    {State::expired, "expired"},
    {State::undelivered, "undelivered"},
};

}  // namespace

Result<State> transition(State from, Event event) {
    const auto* step = std::ranges::find_if(steps, [&](const Step& candidate) {
        return candidate.from == from && candidate.event == event;
    });
    if (step == std::end(steps)) {
        return Error{ErrorKind::conflict, "transaction is " + std::string(name(from))};
    }
    return step->to;
}

std::string_view name(State state) {
    return std::ranges::find(names, state, &Name::state)->name;
}

std::optional<State> state_named(std::string_view name) {
    const auto* found = std::ranges::find(names, name, &Name::name);
    if (found == std::end(names)) {
        return std::nullopt;
    }
    return found->state;
}

}  // namespace cloudsign::transaction
