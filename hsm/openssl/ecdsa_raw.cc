#include "hsm/openssl/ecdsa_raw.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "hsm/openssl/der.h"

namespace hsm::openssl {
namespace {

using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

}  // namespace

std::optional<Bytes> ecdsa_raw(ByteView der, std::size_t half) {
    const auto signature = from_der<EcdsaSigPtr>(der, d2i_ECDSA_SIG);
    const auto size = static_cast<int>(half);
    Bytes raw(2 * half);
    const bool fits =
        signature != nullptr &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), size) == size &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + half, size) == size;
    if (!fits) {
        ERR_clear_error();
        return std::nullopt;
    }
    return raw;
}

std::optional<Bytes> ecdsa_der(ByteView raw) {
    if (raw.empty() || raw.size() % 2 != 0) {
        return std::nullopt;
    }
    const auto half = raw.size() / 2;
    const EcdsaSigPtr signature(ECDSA_SIG_new());
    BignumPtr r(BN_bin2bn(raw.data(), static_cast<int>(half), nullptr));
    BignumPtr s(BN_bin2bn(raw.data() + half, static_cast<int>(half), nullptr));
    CHECK(signature != nullptr && r != nullptr && s != nullptr &&
          ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1);
    (void)r.release();
    (void)s.release();
    return to_der<ECDSA_SIG>(signature.get(), [](ECDSA_SIG* object, unsigned char** at) {
        return i2d_ECDSA_SIG(object, at);
    });
}

}  // namespace hsm::openssl
