#pragma once

#include <p11-kit/pkcs11.h>

#include "hsm/protocol/types.h"

namespace board::host::softhsm {

// RFC 5649 by the number under which SoftHSM knows it; 0x210B, PKCS#11's CKM_AES_KEY_WRAP_KWP, it
// refuses.
constexpr CK_MECHANISM_TYPE mechanism_aes_key_wrap_pad = 0x210A;

constexpr std::size_t digest_info_size_max = 19 + 64;

// What C_Sign and C_Verify take for one signature: the mechanism with its parameters, and the bytes
// that it works on. Not copyable: the mechanism points inside.
class SignatureMechanism {
public:
    // `hash` has the length of the algorithm's digest.
    SignatureMechanism(const hsm::protocol::Algorithm& algorithm, hsm::ByteView hash);
    SignatureMechanism(const SignatureMechanism&) = delete;
    SignatureMechanism& operator=(const SignatureMechanism&) = delete;

    CK_MECHANISM* mechanism() { return &mechanism_; }
    // The hash; for RSASSA-PKCS1-v1_5 its DigestInfo (RFC 8017 §9.2 note 1), since CKM_RSA_PKCS
    // adds the padding only.
    hsm::ByteView input() const { return input_; }

private:
    CK_MECHANISM mechanism_{};
    CK_RSA_PKCS_PSS_PARAMS pss_{};
    hsm::BoundedBytes<digest_info_size_max> input_;
};

}  // namespace board::host::softhsm
