#pragma once

#include <array>

#include "hsm/openssl/p256.h"

// ES256 with r ‖ s, 32 bytes each, instead of DER: what a firmware release carries.
namespace hsm::openssl {

using RawSignature = std::array<Byte, 64>;

RawSignature sign_es256_raw(EVP_PKEY* key, ByteView message);

bool verify_es256_raw(const protocol::Point& point, ByteView message, const RawSignature& raw);

}  // namespace hsm::openssl
