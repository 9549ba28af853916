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

// Of an operational module: enrols people, brings a second epoch, opens and approves what is asked
// for. Without `unlock`, `provision`, the ceremony's and `table_import`, which are for other
// states. A bare module has no loader, so that an update in the right form is `not_supported`. The
// last leaves the module tampered.
std::vector<RightRequest> right_requests(support::BareModule& module,
                                         const support::People& people);

// Right for a board that is locked and was never told its hosts; a Linux process has no such list.
Bytes right_install_hosts();

// Makes this operational module one that holds the KEK and awaits a revocation table; what ends
// that.
Bytes right_table_import(support::BareModule& module);

// What makes this locked module go on, and what makes this blank module a member.
Bytes right_unlock();
Bytes right_provision(support::BareModule& module, const support::People& people);

}  // namespace tests::hostile
