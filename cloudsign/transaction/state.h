#pragma once

#include <optional>
#include <string_view>

#include "cloudsign/error.h"

// The one state machine behind every dialect.
namespace cloudsign::transaction {

enum class State {
    created,   // opened at the module, nobody told yet
    notified,  // a hint went out, or the device may fetch it
    seen,      // a device has fetched it
    approved,  // enough assertions are stored; the occurrences exist
    signing,   // at least one occurrence has been taken
    signed_,   // every occurrence is signed
    rejected,
    not_mine,
    expired,
    undelivered
};

enum class Event {
    notify,
    see,
    approve,
    take,    // the portal asks for a signature
    finish,  // the last occurrence is signed
    reject,
    disown,  // the signer says "I did not start this"
    expire,
    undeliver,
    ask_again  // the module restarted before it signed: the approval is void
};

// The state after `event`, or `conflict`.
Result<State> transition(State from, Event event);

constexpr bool is_waiting(State state) {
    return state == State::created || state == State::notified || state == State::seen;
}
constexpr bool is_final(State state) {
    return state >= State::signed_;
}

// The words in the database and on the wire.
std::string_view name(State state);
std::optional<State> state_named(std::string_view name);

}  // namespace cloudsign::transaction
