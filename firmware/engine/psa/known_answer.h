#pragma once

#include "firmware/engine/psa/key_handle.h"

namespace firmware::engine::psa {

// Known answers are put to Mbed TLS through the same calls that the product makes.

// `self_test_failed` unless both are the same.
inline hsm::Result<void> expect_same(hsm::ByteView answer, hsm::ByteView expected) {
    if (!hsm::equal(answer, expected)) {
        return hsm::Status::self_test_failed;
    }
    return {};
}

// `self_test_failed` unless the call was refused: what accepts everything agrees with every answer.
inline hsm::Result<void> expect_refusal(psa_status_t status) {
    if (status == PSA_SUCCESS) {
        return hsm::Status::self_test_failed;
    }
    return {};
}

inline hsm::Result<KeyHandle> import_known(psa_key_type_t type,
                                           psa_algorithm_t algorithm,
                                           psa_key_usage_t usage,
                                           hsm::ByteView key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, type);
    psa_set_key_algorithm(&attributes, algorithm);
    psa_set_key_usage_flags(&attributes, usage);
    return KeyHandle::import(attributes, key);
}

}  // namespace firmware::engine::psa
