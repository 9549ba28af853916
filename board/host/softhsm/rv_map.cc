#include "board/host/softhsm/rv_map.h"

namespace board::host::softhsm {

using hsm::Status;

Status status_of(CK_RV rv) {
    switch (rv) {
        case CKR_PIN_INCORRECT:
        case CKR_PIN_INVALID:
        case CKR_PIN_LEN_RANGE:
        case CKR_PIN_LOCKED:
            return Status::secret_wrong;
        case CKR_USER_NOT_LOGGED_IN:
            return Status::key_locked;
        case CKR_SIGNATURE_INVALID:
        case CKR_SIGNATURE_LEN_RANGE:
            return Status::signature_wrong;
        case CKR_WRAPPED_KEY_INVALID:
        case CKR_WRAPPED_KEY_LEN_RANGE:
            return Status::blob_malformed;
        case CKR_MECHANISM_INVALID:
        case CKR_MECHANISM_PARAM_INVALID:
        case CKR_KEY_TYPE_INCONSISTENT:
            return Status::algorithm_wrong;
        case CKR_TOKEN_NOT_PRESENT:
        case CKR_TOKEN_NOT_RECOGNIZED:
            return Status::key_missing;
        case CKR_RANDOM_NO_RNG:
            return Status::rng_failed;
        default:
            return Status::engine_failed;
    }
}

}  // namespace board::host::softhsm
