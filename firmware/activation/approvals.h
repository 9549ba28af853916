#pragma once

#include "firmware/activation/assertion.h"
#include "hsm/protocol/message.h"

namespace firmware::activation {

// The activation keys of a policy and its successor, or those of a policy and all officers.
using Approvers = hsm::protocol::BoundedList<Approver,
                                             std::max(2 * hsm::protocol::activation_keys_max,
                                                      hsm::protocol::activation_keys_max +
                                                          hsm::protocol::officers_max)>;
using Accepted = hsm::protocol::BoundedList<AcceptedAssertion, hsm::protocol::assertions_max>;

Approver approver(const ActivationKey& key, BackupPolicy backup);

// Every assertion given has to be right and by another one of `approvers`: there is no reason to
// send one that does not count. `assertion_missing` when there is none, `assertion_key_unknown`,
// `assertion_repeated`, and what verify_assertion() answers. Whether they are *enough* is the
// caller's rule: see the functions below.
Result<Accepted> verify_assertions(engine::Engine& engine,
                                   const AssertionRule& rule,
                                   const Approvers& approvers,
                                   const hsm::protocol::Assertions& assertions);

bool approved_by(const Accepted& accepted, const Digest& thumbprint);

}  // namespace firmware::activation
