#pragma once

#include "hsm/openssl/bytes.h"
#include "hsm/openssl/pointers.h"
#include "hsm/protocol/hpke.h"

// HPKE as hsm/protocol/hpke.h has it, on OpenSSL: a custodian's end.
namespace hsm::openssl {

struct HpkeSealed {
    protocol::Point encapsulated{};
    Bytes ciphertext;
};

// `configuration_wrong` when `recipient` is no point of the curve.
Result<HpkeSealed> hpke_seal(const protocol::Point& recipient, ByteView info, ByteView plain);

// Fills `plain`; `share_wrong` when that was not sealed to this P-256 key under this info.
Result<void> hpke_open(EVP_PKEY* key,
                       ByteView info,
                       const protocol::Point& encapsulated,
                       ByteView ciphertext,
                       MutableBytes plain);

}  // namespace hsm::openssl
