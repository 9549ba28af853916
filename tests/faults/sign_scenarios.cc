#include "tests/faults/attempt.h"
#include "tests/faults/scenario.h"

namespace tests::faults {
namespace {

using hsm::Status;

Attempt in_order;
Attempt hostile;

void prepare(const Plan& plan) {
    in_order.make({.is_in_order = true});
    hostile.make(plan);
}

Status send_in_order() {
    return in_order.send();
}

Status send_hostile() {
    return hostile.send();
}

consteval Scenario sign(const char* name, void (*prepare)(), Status refusal) {
    return {name, prepare, send_in_order, send_hostile, refusal};
}

FAULT_SCENARIO(sign_approved) = sign(
    "sign: approved", [] { prepare({.is_in_order = true}); }, Status::ok);
FAULT_SCENARIO(sign_signature_by_another_phone) = sign(
    "sign: signature by another phone",
    [] { prepare({.by = &world().thief, .claimed = &world().signer}); },
    Status::assertion_signature_wrong);
FAULT_SCENARIO(sign_phone_that_is_not_enrolled) = sign(
    "sign: phone that is not enrolled",
    [] { prepare({.by = &world().thief}); },
    Status::assertion_key_unknown);
FAULT_SCENARIO(sign_approval_of_another_activation) = sign(
    "sign: approval of another activation",
    [] { prepare({.challenge_is_another = true}); },
    Status::assertion_client_data_wrong);
FAULT_SCENARIO(sign_registration_instead_of_an_approval) = sign(
    "sign: registration instead of an approval",
    [] { prepare({.text = {.type = "webauthn.create"}}); },
    Status::assertion_client_data_wrong);
FAULT_SCENARIO(sign_approval_on_another_site) = sign(
    "sign: approval on another site",
    [] { prepare({.text = {.origin = "https://elsewhere.localhost"}}); },
    Status::assertion_client_data_wrong);
FAULT_SCENARIO(sign_approval_in_a_frame) = sign(
    "sign: approval in a frame",
    [] { prepare({.text = {.cross_origin = true}}); },
    Status::assertion_client_data_wrong);
FAULT_SCENARIO(sign_passkey_of_another_relying_party) = sign(
    "sign: passkey of another relying party",
    [] { prepare({.text = {.rp_id = "login.localhost"}}); },
    Status::assertion_rp_id_wrong);
FAULT_SCENARIO(sign_user_not_verified) = sign(
    "sign: user not verified",
    [] { prepare({.text = {.flags = 0x01}}); },
    Status::assertion_flags_wrong);
FAULT_SCENARIO(sign_passkey_that_is_synced) = sign(
    "sign: passkey that is synced",
    [] { prepare({.text = {.flags = 0x1d}}); },
    Status::assertion_backup_wrong);
FAULT_SCENARIO(sign_no_assertion) = sign(
    "sign: no assertion", [] { prepare({.has_assertion = false}); }, Status::assertion_missing);
FAULT_SCENARIO(sign_another_hash) = sign(
    "sign: another hash", [] { prepare({.asked = 0x22}); }, Status::leaf_path_wrong);
FAULT_SCENARIO(sign_approved_in_a_batch) = sign(
    "sign: approved in a batch",
    [] { prepare({.leaf_count = 3, .is_in_order = true}); },
    Status::ok);
FAULT_SCENARIO(sign_another_hash_in_a_batch) = sign(
    "sign: another hash in a batch",
    [] { prepare({.asked = 0x22, .leaf_count = 3}); },
    Status::leaf_path_wrong);
FAULT_SCENARIO(sign_leaf_of_a_batch_that_is_spent) = sign(
    "sign: leaf of a batch that is spent",
    [] { prepare({.leaf_count = 3, .is_spent = true}); },
    Status::activation_spent);
FAULT_SCENARIO(sign_activation_forged) = sign(
    "sign: activation forged",
    [] { prepare({.activation_mac = Mac::other}); },
    Status::activation_mac_wrong);
FAULT_SCENARIO(sign_activation_forged_mac_of_zeros) = sign(
    "sign: activation forged, MAC of zeros",
    [] { prepare({.activation_mac = Mac::zeros}); },
    Status::activation_mac_wrong);
FAULT_SCENARIO(sign_activation_of_another_start) = sign(
    "sign: activation of another start",
    [] { prepare({.boot_counter = 2}); },
    Status::activation_of_other_boot);
FAULT_SCENARIO(sign_activation_expired) = sign(
    "sign: activation expired",
    [] {
        prepare({.expiry_tick_ms = 5000});
        set_tick(5000);
    },
    Status::activation_expired);
FAULT_SCENARIO(sign_approval_spent) = sign(
    "sign: approval spent", [] { prepare({.is_spent = true}); }, Status::activation_spent);
FAULT_SCENARIO(sign_policy_changed_mac_wrong) = sign(
    "sign: policy changed, MAC wrong",
    [] { prepare({.policy_of = &world().thief, .blob_mac = Mac::other, .by = &world().thief}); },
    Status::blob_mac_wrong);
FAULT_SCENARIO(sign_policy_changed_mac_of_zeros) = sign(
    "sign: policy changed, MAC of zeros",
    [] { prepare({.policy_of = &world().thief, .blob_mac = Mac::zeros, .by = &world().thief}); },
    Status::blob_mac_wrong);
FAULT_SCENARIO(sign_policy_that_the_activation_was_not_opened_for) = sign(
    "sign: policy that the activation was not opened for",
    [] {
        prepare({.policy_of = &world().thief, .opened_for = &world().signer, .by = &world().thief});
    },
    Status::activation_key_mismatch);
FAULT_SCENARIO(sign_key_that_is_not_bound) = sign(
    "sign: key that is not bound", [] { prepare({.version = 0}); }, Status::blob_unbound);

}  // namespace
}  // namespace tests::faults
