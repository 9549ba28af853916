#pragma once

#include "tests/support/bare_module.h"

namespace tests::hostile {

using support::Bytes;

// One request of each command that a module in the right state would accept; in the order in which
// it accepts them all, one after the other.
struct RightRequest {
    hsm::protocol::Command command;
    Bytes request;
    hsm::protocol::Role role = hsm::protocol::Role::server;
    hsm::Status answer = hsm::Status::ok;
};

// Of an operational module: enrols people, opens and approves what is asked for. Without `unlock`
// and `provision`, which are for other states. A bare module has no loader, so that an update in
// the right form is `not_supported`.
std::vector<RightRequest> right_requests(support::BareModule& module,
                                         const support::People& people);

// Right for a board that is locked and was never told its hosts; a Linux process has no such list.
Bytes right_install_hosts();

// What makes this locked module go on, and what makes this blank module a member.
Bytes right_unlock();
Bytes right_provision(support::BareModule& module, const support::People& people);

}  // namespace tests::hostile
