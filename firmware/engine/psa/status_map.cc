#include "firmware/engine/psa/status_map.h"

namespace firmware::engine::psa {

using hsm::Status;

Status status_of(psa_status_t status) {
    switch (status) {
        case PSA_ERROR_INSUFFICIENT_ENTROPY:
            return Status::rng_failed;
        case PSA_ERROR_INVALID_SIGNATURE:
            return Status::signature_wrong;
        case PSA_ERROR_NOT_SUPPORTED:
            return Status::algorithm_wrong;
        case PSA_ERROR_DOES_NOT_EXIST:
            return Status::key_missing;
        default:
            return Status::engine_failed;
    }
}

}  // namespace firmware::engine::psa
