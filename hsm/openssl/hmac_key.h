#pragma once

#include <memory>

#include <openssl/types.h>

#include "hsm/openssl/bytes.h"

namespace hsm::openssl {

// HMAC-SHA-256 (RFC 2104) under one key, which is scheduled once: OpenSSL 3 takes longer to set a
// MAC up than to compute it over a short text. Any thread.
class HmacKey {
public:
    explicit HmacKey(ByteView key);

    Digest mac(ByteView message) const;

private:
    struct Free {
        void operator()(HMAC_CTX* context) const;
    };
    std::unique_ptr<HMAC_CTX, Free> keyed_;
};

}  // namespace hsm::openssl
