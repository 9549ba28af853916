#include "tests/faults/attempt.h"
#include "tests/faults/scenario.h"

namespace tests::faults {
namespace {

namespace wire = hsm::protocol;
using hsm::Status;
using wire::Purpose;

// Policies as a host proposes them for a new key.
class Proposal {
public:
    void make(const Phone& holder, std::string_view site) {
        policy_ = encode_policy(holder.point(), buffer_, site);
        proposed_ = buffer_;
    }
    Status send() {
        const auto answer = firmware::command::generate_key(
            world().core, {wire::KeyKind::person, wire::KeyType::p256, policy_, 0});
        if (!answer) {
            return refusal(answer.error());
        }
        // A fault that has changed the proposal itself has made another one of it.
        const auto proposed = hsm::ByteView(proposed_).first(policy_.size());
        return has_policy(answer->blob, proposed) ? Status::ok : Status::blob_malformed;
    }

private:
    std::array<hsm::Byte, 256> buffer_;
    std::array<hsm::Byte, 256> proposed_;
    hsm::ByteView policy_;
};

Proposal proposal_in_order;
Proposal hostile_proposal;
Attempt in_order;
Attempt hostile;

void propose(const Phone& holder, std::string_view site) {
    proposal_in_order.make(world().signer, origin);
    hostile_proposal.make(holder, site);
}

consteval Scenario proposes(const char* name, void (*prepare)()) {
    return {name,
            prepare,
            [] { return proposal_in_order.send(); },
            [] { return hostile_proposal.send(); },
            Status::policy_invalid};
}

consteval Scenario asks(const char* name, void (*prepare)(), Status refusal) {
    return {name, prepare, [] { return in_order.send(); }, [] { return hostile.send(); }, refusal};
}

void prepare_bind(Plan plan) {
    in_order.make({.purpose = Purpose::bind, .version = 0, .and_by = &world().officer});
    plan.purpose = Purpose::bind;
    plan.version = 0;
    hostile.make(plan);
}

// The request in order is for another version of the key: it leaves the hostile one's way free.
void prepare_rebind(Plan plan) {
    in_order.make({.purpose = Purpose::rebind,
                   .and_by = &world().custodian,
                   .successor = &world().custodian});
    plan.purpose = Purpose::rebind;
    plan.version = 7;
    hostile.make(plan);
}

// As before a rebind: the key dies in a version of its own.
void prepare_revoke(Plan plan) {
    in_order.make({.purpose = Purpose::revoke, .by = &world().officer});
    plan.purpose = Purpose::revoke;
    plan.version = 7;
    hostile.make(plan);
}

FAULT_SCENARIO(policy_officer) = proposes("policy: an officer's passkey",
                                          [] { propose(world().officer, origin); });
FAULT_SCENARIO(policy_origin) = proposes("policy: approvals on another site", [] {
    propose(world().signer, "https://elsewhere.localhost");
});

FAULT_SCENARIO(bind_no_officer) = asks(
    "bind: no officer",
    [] { prepare_bind({.policy_of = &world().thief, .by = &world().thief}); },
    Status::assertion_missing);
FAULT_SCENARIO(bind_no_holder) = asks(
    "bind: an officer alone",
    [] { prepare_bind({.policy_of = &world().thief, .by = &world().officer}); },
    Status::assertion_missing);
FAULT_SCENARIO(bind_other) = asks(
    "bind: another policy than was approved",
    [] {
        prepare_bind({.policy_of = &world().thief,
                      .by = &world().thief,
                      .and_by = &world().officer,
                      .stated_for = &world().signer});
    },
    Status::leaf_path_wrong);

FAULT_SCENARIO(rebind_no_old) = asks(
    "rebind: the new phone alone",
    [] { prepare_rebind({.by = &world().thief, .successor = &world().thief}); },
    Status::assertion_missing);
FAULT_SCENARIO(rebind_other) = asks(
    "rebind: approval of another activation",
    [] {
        prepare_rebind(
            {.challenge_is_another = true, .and_by = &world().thief, .successor = &world().thief});
    },
    Status::assertion_client_data_wrong);

FAULT_SCENARIO(revoke_no_officer) = asks(
    "revoke: the key's own holder, no officer",
    [] { prepare_revoke({}); },
    Status::assertion_key_unknown);
FAULT_SCENARIO(revoke_nobody) = asks(
    "revoke: nobody", [] { prepare_revoke({.has_assertion = false}); }, Status::assertion_missing);
FAULT_SCENARIO(revoke_other) = asks(
    "revoke: another version than was approved",
    [] { prepare_revoke({.by = &world().officer, .stated_version = 6}); },
    Status::leaf_path_wrong);
FAULT_SCENARIO(revoke_elsewhere) = asks(
    "revoke: approval of another activation",
    [] { prepare_revoke({.challenge_is_another = true, .by = &world().officer}); },
    Status::assertion_client_data_wrong);

}  // namespace
}  // namespace tests::faults
