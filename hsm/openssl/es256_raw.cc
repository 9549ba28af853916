#include "hsm/openssl/es256_raw.h"

#include <algorithm>

#include <openssl/err.h>

#include "hsm/openssl/der.h"
#include "hsm/openssl/ecdsa_raw.h"
#include "hsm/protocol/key_blob.h"

namespace hsm::openssl {

RawSignature sign_es256_raw(EVP_PKEY* key, ByteView message) {
    RawSignature raw{};
    const auto made = ecdsa_raw(sign_es256(key, message), raw.size() / 2);
    CHECK(made.has_value());
    std::ranges::copy(*made, raw.begin());
    return raw;
}

bool verify_es256_raw(const protocol::Point& point, ByteView message, const RawSignature& raw) {
    const auto key = from_der<EvpKeyPtr>(protocol::p256_spki(point), d2i_PUBKEY);
    const auto der = ecdsa_der(raw);
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    const bool good =
        key != nullptr &&
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), der->data(), der->size(), message.data(), message.size()) ==
            1;
    if (!good) {
        ERR_clear_error();
    }
    return good;
}

}  // namespace hsm::openssl
