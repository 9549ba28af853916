#pragma once

#include <string_view>

#include "cloudsign/store/rows.h"

// What QD 769 calls the states of a transaction.
namespace cloudsign::qd769 {

// Number and word of the field's vocabulary (tranStatus); those from 4005 on are ours, since a
// portal must be able to tell these outcomes apart and the vocabulary has no words for them.
enum class Outcome {
    success = 1,
    waiting_for_signer_confirm = 4000,
    expired = 4001,
    signer_rejected = 4002,
    authorize_key_failed = 4003,
    sign_failed = 4004,
    signer_disowned = 4005,
    undelivered = 4006,
};

std::string_view word(Outcome outcome);

// `usable`: whether the credential could still sign. What was approved and ran out of time was not
// the signer's fault: the key was withdrawn, or the module did not sign.
enum class Credential { usable, unusable };
Outcome outcome_of(const store::Transaction& transaction, Credential credential);

}  // namespace cloudsign::qd769
