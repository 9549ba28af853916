#include "firmware/engine/es256.h"

#include "firmware/engine/psa/key_handle.h"

namespace firmware::engine {

using hsm::Status;

hsm::Result<void> verify_es256(const hsm::protocol::Point& point,
                               const hsm::Digest& digest,
                               hsm::ByteView raw) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    // Checks that the point is on the curve.
    auto key = psa::KeyHandle::import(attributes, point);
    if (!key || psa_verify_hash(key->id(),
                                PSA_ALG_ECDSA(PSA_ALG_SHA_256),
                                digest.data(),
                                digest.size(),
                                raw.data(),
                                raw.size()) != PSA_SUCCESS) {
        return Status::signature_wrong;
    }
    return {};
}

}  // namespace firmware::engine
