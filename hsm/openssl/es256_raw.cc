#include "hsm/openssl/es256_raw.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "hsm/openssl/der.h"
#include "hsm/protocol/key_blob.h"

namespace hsm::openssl {
namespace {

using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr int half_size = 32;

}  // namespace

RawSignature sign_es256_raw(EVP_PKEY* key, ByteView message) {
    const auto signature = from_der<EcdsaSigPtr>(sign_es256(key, message), d2i_ECDSA_SIG);
    CHECK(signature != nullptr);
    RawSignature raw{};
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), half_size) == half_size);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + half_size, half_size) ==
          half_size);
    return raw;
}

bool verify_es256_raw(const protocol::Point& point, ByteView message, const RawSignature& raw) {
    const auto key = from_der<EvpKeyPtr>(protocol::p256_spki(point), d2i_PUBKEY);
    const EcdsaSigPtr signature(ECDSA_SIG_new());
    BignumPtr r(BN_bin2bn(raw.data(), half_size, nullptr));
    BignumPtr s(BN_bin2bn(raw.data() + half_size, half_size, nullptr));
    CHECK(signature != nullptr && r != nullptr && s != nullptr &&
          ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1);
    (void)r.release();
    (void)s.release();
    const auto der = to_der<ECDSA_SIG>(signature.get(), [](ECDSA_SIG* object, unsigned char** at) {
        return i2d_ECDSA_SIG(object, at);
    });
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    const bool good =
        key != nullptr &&
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), der.data(), der.size(), message.data(), message.size()) ==
            1;
    if (!good) {
        ERR_clear_error();
    }
    return good;
}

}  // namespace hsm::openssl
