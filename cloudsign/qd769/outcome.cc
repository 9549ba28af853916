#include "cloudsign/qd769/outcome.h"

#include "hsm/base/check.h"

namespace cloudsign::qd769 {

std::string_view word(Outcome outcome) {
    switch (outcome) {
        case Outcome::success:
            return "SUCCESS";
        case Outcome::waiting_for_signer_confirm:
            return "WAITING_FOR_SIGNER_CONFIRM";
        case Outcome::expired:
            return "EXPIRED";
        case Outcome::signer_rejected:
            return "SIGNER_REJECTED";
        case Outcome::authorize_key_failed:
            return "AUTHORIZE_KEY_FAILED";
        case Outcome::sign_failed:
            return "SIGN_FAILED";
        case Outcome::signer_disowned:
            return "SIGNER_DISOWNED";
        case Outcome::undelivered:
            return "UNDELIVERED";
    }
    CHECK(false);
}

Outcome outcome_of(const store::Transaction& transaction, Credential credential) {
    using transaction::State;
    switch (transaction.state) {
        case State::created:
        case State::notified:
        case State::seen:
        case State::approved:
        case State::signing:
            return Outcome::waiting_for_signer_confirm;
        case State::signed_:
            return Outcome::success;
        case State::rejected:
            return Outcome::signer_rejected;
        case State::not_mine:
            return Outcome::signer_disowned;
        case State::undelivered:
            return Outcome::undelivered;
        case State::expired:
            if (!transaction.approved_at) {
                return Outcome::expired;
            }
            return credential == Credential::usable ? Outcome::sign_failed
                                                    : Outcome::authorize_key_failed;
    }
    CHECK(false);
}

}  // namespace cloudsign::qd769
