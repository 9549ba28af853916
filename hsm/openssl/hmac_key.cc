// The older interface, whose contexts can be copied with the key already in them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "hsm/openssl/hmac_key.h"

#include <openssl/hmac.h>

namespace hsm::openssl {

void HmacKey::Free::operator()(HMAC_CTX* context) const {
    HMAC_CTX_free(context);
}

HmacKey::HmacKey(ByteView key) : keyed_(HMAC_CTX_new()) {
    CHECK(keyed_ != nullptr);
    CHECK(HMAC_Init_ex(
              keyed_.get(), key.data(), static_cast<int>(key.size()), EVP_sha256(), nullptr) == 1);
}

Digest HmacKey::mac(ByteView message) const {
    const std::unique_ptr<HMAC_CTX, Free> context(HMAC_CTX_new());
    Digest mac{};
    unsigned size = 0;
    CHECK(context != nullptr && HMAC_CTX_copy(context.get(), keyed_.get()) == 1);
    CHECK(HMAC_Update(context.get(), message.data(), message.size()) == 1);
    CHECK(HMAC_Final(context.get(), mac.data(), &size) == 1 && size == mac.size());
    return mac;
}

}  // namespace hsm::openssl
